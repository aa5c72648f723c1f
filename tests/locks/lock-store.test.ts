import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createApp, Redis } from 'glueful'
import { createFrozenClock, testApp } from 'glueful/testing'
import { expect } from 'vitest'
import { createMemoryLockStore } from '../../packages/core/src/foundation/locks/stores/memory-lock-store.ts'
import { createRedisLockStore } from '../../packages/core/src/foundation/locks/stores/redis-lock-store.ts'
import { redisTest, redisUrl } from '../redis/redis-server.ts'
import { describeLockStore } from './lock-store-conformance.ts'

describeLockStore('memory', () => {
  const clock = createFrozenClock()
  return { store: createMemoryLockStore(clock), advance: clock.advance, [Symbol.asyncDispose]: async () => {} }
})

async function openRedis() {
  const app = await testApp(createApp({ name: `test-${randomUUID()}`, routes: {} }), { env: { REDIS_URL: redisUrl } })
  const redis = app.app.use(Redis)
  return {
    redis,
    store: createRedisLockStore(() => redis),
    advance: (ms: number) => wait(ms + 2),
    [Symbol.asyncDispose]: async () => {
      const keys = await redis.client.keys(`${redis.prefix}*`)
      if (keys.length > 0) await redis.client.del(...keys)
      await app.close()
    },
  }
}
describeLockStore('redis', openRedis, redisTest)

redisTest('tokens grow even where Redis has lost them', async () => {
  await using under = await openRedis()
  const { store, redis } = under
  const first = await store.acquire('a', 'ada', 60_000)
  await redis.client.del(...(await redis.client.keys(`${redis.prefix}*`)))
  const second = await store.acquire('a', 'bob', 60_000)
  expect('token' in first && 'token' in second && second.token > first.token).toBe(true)
})
