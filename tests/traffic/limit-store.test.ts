import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createApp, Redis, systemClock } from 'glueful'
import { createFrozenClock, testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { createMemoryLimitStore } from '../../packages/core/src/traffic/rate-limit/stores/memory-limit-store.ts'
import { createRedisLimitStore } from '../../packages/core/src/traffic/rate-limit/stores/redis-limit-store.ts'
import { redisTest, redisUrl } from '../redis/redis-server.ts'
import { claimOf, describeLimitStore, ruleOf, type StoreUnderTest } from './limit-store-conformance.ts'

describeLimitStore('memory', () => {
  const clock = createFrozenClock()
  return { store: createMemoryLimitStore({ clock }), advance: clock.advance, [Symbol.asyncDispose]: async () => {} }
})

async function openRedis(): Promise<StoreUnderTest> {
  const app = await testApp(createApp({ name: `test-${randomUUID()}`, routes: {} }), { env: { REDIS_URL: redisUrl } })
  const redis = app.app.use(Redis)
  return {
    store: createRedisLimitStore(() => redis, systemClock),
    // The clock of Redis cannot be moved; a little longer, because timers may fire a little early.
    advance: (ms) => wait(ms + 2),
    [Symbol.asyncDispose]: async () => {
      for await (const keys of redis.client.scanStream({ match: `${redis.prefix}*` }))
        if ((keys as string[]).length > 0) await redis.client.del(...(keys as string[]))
      await app.close()
    },
  }
}
describeLimitStore('redis', openRedis, redisTest)

test('memory forgets what is over, and never remembers more than it may', () => {
  const clock = createFrozenClock()
  let forgotten = 0
  const store = createMemoryLimitStore({ clock, most: 1_000, onForget: () => forgotten++ })
  const rule = ruleOf('fixed', 5, 1_000)
  for (let i = 0; i < 5_000; i++) {
    clock.advance(2)
    store.take([claimOf(rule, `s${i}`)])
  }
  expect(store.size).toBeLessThanOrEqual(1_000)
  // 500 are alive at a time: there was room for all of them.
  expect(forgotten).toBe(0)
  for (let i = 0; i < 5_000; i++) store.take([claimOf(rule, `t${i}`)])
  expect(store.size).toBe(1_000)
  expect(forgotten).toBeGreaterThan(3_000)
})

redisTest('keys of Redis go away by themselves', async () => {
  const app = await testApp(createApp({ name: `test-${randomUUID()}`, routes: {} }), { env: { REDIS_URL: redisUrl } })
  const redis = app.app.use(Redis)
  const store = createRedisLimitStore(() => redis, systemClock)
  const rules = [ruleOf('sliding', 5, 1_000), ruleOf('fixed', 5, 1_000), ruleOf('bucket', 5, 1_000), ruleOf('calendar', 5, 86_400_000, { unit: 'day' })]
  await store.take(rules.map((rule) => claimOf(rule)))
  await store.block('list', 'ada', 1_000)
  const keys = await redis.client.keys(`${redis.prefix}*`)
  expect(keys).toHaveLength(5)
  for (const key of keys) {
    expect(await redis.client.pttl(key), key).toBeGreaterThan(0)
    await redis.client.del(key)
  }
  await app.close()
})
