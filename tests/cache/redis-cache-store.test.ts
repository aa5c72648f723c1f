import { randomUUID } from 'node:crypto'
import { Redis, createApp, createRedisCacheStore, createTwoLevelCacheStore, type App, type CacheStore, type RedisConnection } from 'glueful'
import { createFrozenClock, createMemoryDestination, type FrozenClock } from 'glueful/testing'
import { afterAll, describe, expect, vi } from 'vitest'
import { redisTest, redisUrl, startRedis } from '../redis/redis-server.ts'
import { cacheStoreSuite } from './cache-store-suite.ts'

const apps: App[] = []
afterAll(async () => {
  for (const app of apps) {
    const { client, prefix } = app.use(Redis)
    const keys = client.status === 'ready' ? await client.keys(`${prefix}*`) : []
    if (keys.length > 0) await client.unlink(...keys)
    await app.close()
  }
})

async function connect(url = redisUrl, name = `cache-test-${randomUUID()}`): Promise<RedisConnection> {
  const app = createApp({ name, routes: {} }).with({ environment: 'test', env: { REDIS_URL: url }, logDestination: createMemoryDestination() })
  await app.ready()
  apps.push(app)
  return app.use(Redis)
}

/** One connection for all tests of a store; each test has a prefix of its own. */
function opener(make: (connection: () => RedisConnection, clock: FrozenClock) => CacheStore) {
  let connection: Promise<RedisConnection> | undefined
  return async (clock: FrozenClock) => {
    const shared = await (connection ??= connect())
    const prefix = `${shared.prefix}${randomUUID()}:`
    const own: RedisConnection = {
      get client() {
        return shared.client
      },
      get isReady() {
        return shared.isReady
      },
      prefix,
      key: (...parts) => prefix + parts.join(':'),
      duplicate: (options) => shared.duplicate(options),
    }
    return make(() => own, clock)
  }
}

describe('the Redis store of the cache', () => {
  cacheStoreSuite(
    redisTest,
    opener((connection, clock) => createRedisCacheStore({ connection, clock })),
  )
})

describe('memory over Redis', () => {
  cacheStoreSuite(
    redisTest,
    opener((connection, clock) => createTwoLevelCacheStore({ connection, clock, limit: 1_000_000 })),
  )

  const entry = (data: string, tags: readonly string[] = []) => {
    const now = Date.now()
    return { data, createdAt: now, freshUntil: now + 60_000, keepUntil: now + 60_000, tags }
  }

  redisTest('a change in one process removes the copies in the others; without messages there are no copies', async () => {
    await using server = await startRedis()
    const name = `two-${randomUUID()}`
    const [first, second] = [await connect(server.url, name), await connect(server.url, name)]
    const make = (connection: RedisConnection) =>
      createTwoLevelCacheStore({ connection: () => connection, clock: createFrozenClock(Date.now()), limit: 1_000_000 })
    const [a, b] = [make(first), make(second)]
    // Written behind both of them, a change is seen only where there is no copy.
    const behind = createRedisCacheStore({ connection: () => second, clock: createFrozenClock(Date.now()) })
    let attempt = 0
    await vi.waitFor(async () => {
      const key = `probe-${attempt++}`
      await a.set(key, entry('seen'))
      await a.get(key)
      await behind.set(key, entry('unseen'))
      expect((await a.get(key))?.data).toBe('seen')
    })
    await a.set('k', entry('1', ['t']))
    await a.get('k')
    await b.set('k', entry('2', ['t']))
    await vi.waitFor(async () => expect((await a.get('k'))?.data).toBe('2'))
    await b.flush(['t'])
    await vi.waitFor(async () => expect(await a.get('k')).toBeUndefined())

    await a.set('k', entry('3'))
    await a.get('k')
    await server.kill()
    await vi.waitFor(async () => expect(async () => a.get('k')).rejects.toThrow())
    await server.restart()
    await vi.waitFor(async () => expect(await a.get('k')).toBeUndefined())
  })
})
