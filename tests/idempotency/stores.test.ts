import { randomUUID } from 'node:crypto'
import { createApp, createMemoryIdempotencyStore, createRedisIdempotencyStore, Redis, type App } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'
import { idempotencyStoreSuite } from './idempotency-store-suite.ts'

describe('keys in memory', () => {
  idempotencyStoreSuite(test, async () => createMemoryIdempotencyStore())

  const claim = (now: number, key: string) => ({ key, owner: 'o', fingerprint: 'f', leaseMs: 1_000, keepMs: 9_000, now })

  test('are refused when there is no room, and never dropped before their time: IDEMPOTENCY_UNAVAILABLE', async () => {
    const store = createMemoryIdempotencyStore(3_000)
    const answer = async (key: string, now: number) => {
      await store.claim(claim(now, key))
      return store.complete({ key, owner: 'o' }, 'x'.repeat(1_000), now + 10_000)
    }
    expect([await answer('a', 0), await answer('b', 1)]).toEqual([true, true])
    await expect(store.claim(claim(2, 'c'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_UNAVAILABLE', status: 503 })
    expect((await store.claim(claim(3, 'a'))).state).toBe('done')
    expect((await store.claim(claim(10_000, 'c'))).state).toBe('claimed')
    expect((await store.claim(claim(10_000, 'a'))).state).toBe('claimed')
  })
})

describe('keys in Redis', () => {
  let app: App | undefined
  afterAll(async () => {
    if (app === undefined) return
    const { client, prefix } = app.use(Redis)
    await client.unlink(...(await client.keys(`${prefix}*`)), 'none')
    await app.close()
  })
  idempotencyStoreSuite(redisTest, async () => {
    if (app === undefined) {
      app = createApp({ name: `keys-${randomUUID()}`, routes: {} }).with({
        environment: 'test',
        env: { REDIS_URL: redisUrl },
        logDestination: createMemoryDestination(),
      })
      await app.ready()
    }
    const connection = app.use(Redis)
    return createRedisIdempotencyStore(() => connection, Date.now)
  })
})
