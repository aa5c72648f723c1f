import { randomUUID } from 'node:crypto'
import { AsyncLocalStorage } from 'node:async_hooks'
import { Cache, MetricsService, Redis, Transactions, createApp, provide, type App } from 'glueful'
import { createFrozenClock, createMemoryDestination, type FrozenClock } from 'glueful/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

interface Opened {
  readonly app: App
  readonly cache: Cache
  readonly clock: FrozenClock
  readonly logs: readonly string[]
  readonly counts: () => Record<string, number>
}

const apps: App[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

async function open(definition: Parameters<typeof createApp>[0] | undefined = undefined, env: Record<string, string> = {}): Promise<Opened> {
  const clock = createFrozenClock()
  const destination = createMemoryDestination()
  const app = createApp(definition ?? { name: 'cache-test', routes: {} }).with({ environment: 'test', env, clock, logDestination: destination })
  apps.push(app)
  await app.ready()
  const counts = () =>
    Object.fromEntries(
      app
        .use(MetricsService)
        .snapshot()
        .filter(({ name }) => name.startsWith('glueful_cache_'))
        .flatMap(({ name, series }) =>
          series.map(({ values, numbers }) => [`${name.slice('glueful_cache_'.length, -'_total'.length)} ${values[0]}`, numbers[0] ?? 0]),
        ),
    )
  return { app, cache: app.use(Cache), clock, logs: destination.lines, counts }
}

describe('the application cache', () => {
  test('gives copies of plain data until its time is over', async () => {
    const { cache, clock, counts } = await open()
    const value = { list: [1, { a: 'ä' }], none: null }
    expect(await cache.set('k', value, { ttl: '1m' })).toBe(true)
    const found = await cache.get<typeof value>('k')
    expect(found).toEqual(value)
    expect(found).not.toBe(value)
    expect([await cache.has('k'), await cache.has('other')]).toEqual([true, false])
    clock.advance(60_000)
    expect([await cache.get('k'), await cache.has('k')]).toEqual([undefined, false])
    expect(counts()).toMatchObject({ 'hits default': 1, 'misses default': 1 })
  })

  test('caches by other names have keys of their own and share tags', async () => {
    const { cache, counts } = await open()
    const prices = cache.named('prices')
    await cache.set('k', 1, { ttl: '1m', tags: ['all'] })
    await prices.set('k', 2, { ttl: '1m', tags: ['all'] })
    await prices.set('other', 3, { ttl: '1m' })
    expect([await cache.get('k'), await prices.get('k')]).toEqual([1, 2])
    await cache.flush('all')
    expect([await cache.get('k'), await prices.get('k'), await prices.get('other')]).toEqual([undefined, undefined, 3])
    await prices.clear()
    expect(await prices.get('other')).toBeUndefined()
    expect(counts()).toMatchObject({ 'hits prices': 2, 'misses prices': 2 })
  })

  test('a thousand who ask at once make one computation, and each gets a copy', async () => {
    const { cache } = await open()
    const compute = vi.fn(async () => ({ n: 1 }))
    const values = await Promise.all(Array.from({ length: 1_000 }, () => cache.remember('k', { ttl: '1m' }, compute)))
    expect(compute).toHaveBeenCalledTimes(1)
    expect(new Set(values).size).toBe(1_000)
    expect(values.every((value) => value.n === 1)).toBe(true)
  })

  test('what does not exist is kept as well, for a time of its own', async () => {
    const { cache, clock } = await open()
    const compute = vi.fn(() => undefined)
    const options = { ttl: '1h', negativeTtl: '10s' } as const
    expect([await cache.remember('k', options, compute), await cache.remember('k', options, compute)]).toEqual([undefined, undefined])
    expect(compute).toHaveBeenCalledTimes(1)
    clock.advance(10_000)
    await cache.remember('k', options, compute)
    expect(compute).toHaveBeenCalledTimes(2)
  })

  test('after its time a value is given at once while exactly one computation renews it', async () => {
    const { cache, clock, counts } = await open()
    const options = { ttl: '10s', staleWhileRevalidate: '1m' } as const
    const renewed = Promise.withResolvers<number>()
    const compute = vi.fn<() => Promise<number>>().mockResolvedValueOnce(1).mockReturnValueOnce(renewed.promise)
    await cache.remember('k', options, compute)
    clock.advance(10_000)
    expect(await Promise.all(Array.from({ length: 50 }, () => cache.remember('k', options, compute)))).toEqual(Array.from({ length: 50 }, () => 1))
    renewed.resolve(2)
    await vi.waitFor(async () => expect(await cache.remember('k', options, compute)).toBe(2))
    expect(compute).toHaveBeenCalledTimes(2)
    expect(counts()['stale default']).toBeGreaterThanOrEqual(50)
  })

  test('a failing computation gives the old value within its grace, and throws after it', async () => {
    const { cache, clock, logs } = await open()
    const options = { ttl: '10s', grace: '1m' } as const
    await cache.remember('k', options, () => 'old')
    clock.advance(10_000)
    const failing = () => Promise.reject(new TypeError('the source is away'))
    expect(await cache.remember('k', options, failing)).toBe('old')
    expect(logs.some((line) => line.includes('could not be computed anew'))).toBe(true)
    clock.advance(60_000)
    await expect(cache.remember('k', options, failing)).rejects.toThrow('the source is away')
    await expect(cache.remember('never', options, failing)).rejects.toThrow('the source is away')
  })

  test('a flush or a deletion while it is computed keeps the result from being stored', async () => {
    const { cache } = await open()
    for (const interrupt of [() => cache.flush('t'), () => cache.delete('k')]) {
      const slow = Promise.withResolvers<string>()
      const started = Promise.withResolvers<void>()
      const first = cache.remember('k', { ttl: '1m', tags: ['t'] }, () => {
        started.resolve()
        return slow.promise
      })
      await started.promise
      await interrupt()
      slow.resolve('from old data')
      expect(await first).toBe('from old data')
      expect(await cache.get('k')).toBeUndefined()
    }
  })

  test('refuses what no store could keep', async () => {
    const { cache } = await open()
    const options = { ttl: '1m' } as const
    await expect(cache.set('', 1, options)).rejects.toMatchObject({ code: 'CACHE_KEY_INVALID' })
    await expect(cache.get('x'.repeat(513))).rejects.toMatchObject({ code: 'CACHE_KEY_INVALID' })
    await expect(cache.set('k', 1n, options)).rejects.toMatchObject({ code: 'CACHE_VALUE_INVALID' })
    await expect(cache.set('k', () => 1, options)).rejects.toMatchObject({ code: 'CACHE_VALUE_INVALID' })
    await expect(cache.set('k', 1, { ttl: '1m', tags: ['a b'] })).rejects.toMatchObject({ code: 'CACHE_TAG_INVALID' })
    await expect(cache.set('k', 1, { ttl: '1m', tags: Array.from({ length: 101 }, (_, index) => `t${index}`) })).rejects.toMatchObject({
      code: 'CACHE_TAG_INVALID',
    })
    await expect(cache.set('k', 1, { ttl: 'soon' as '1m' })).rejects.toMatchObject({ code: 'INVALID_DURATION' })
    expect(() => cache.named('A b')).toThrow(expect.objectContaining({ code: 'CACHE_KEY_INVALID' }))
  })

  test('in several processes without a shared store it refuses to be used', async () => {
    const { cache } = await open(undefined, { WORKERS: '2' })
    await expect(cache.get('k')).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
    await expect(cache.flush('t')).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
    await expect(cache.remember('k', { ttl: '1m' }, () => 1)).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
  })

  test('inspect names what is there', async () => {
    const { cache } = await open()
    await cache.set('k', 'x', { ttl: '1m', tags: ['t'] })
    expect(await cache.inspect()).toMatchObject({ store: 'memory', entries: 1, keys: [{ key: 'k', freshForMs: 60_000, tags: ['t'] }] })
  })
})

describe('the cache in a transaction', () => {
  /** Transactions without a database: what counts is when callbacks run. */
  function fakeTransactions(): Transactions {
    const open = new AsyncLocalStorage<(() => void | Promise<void>)[]>()
    return {
      get active() {
        return open.getStore() !== undefined
      },
      afterCommit: (callback) => void open.getStore()?.push(callback),
      outside: (work) => open.exit(work),
      async run(work) {
        const callbacks: (() => void | Promise<void>)[] = []
        const result = await open.run(callbacks, work)
        for (const callback of callbacks) await callback()
        return result
      },
    }
  }

  test('changes wait for the commit and are forgotten with a rollback; what is computed is not stored', async () => {
    const transactions = fakeTransactions()
    const { cache } = await open({ name: 'cache-test', routes: {}, services: [provide(Transactions, () => transactions)] })
    await cache.set('k', 'old', { ttl: '1m', tags: ['t'] })
    await transactions.run(async () => {
      await cache.flush('t')
      await cache.set('new', 1, { ttl: '1m' })
      expect([await cache.get('k'), await cache.get('new')]).toEqual(['old', undefined])
      expect(await cache.remember('computed', { ttl: '1m' }, () => 'uncommitted')).toBe('uncommitted')
    })
    expect([await cache.get('k'), await cache.get('new'), await cache.get('computed')]).toEqual([undefined, 1, undefined])
    await transactions
      .run(async () => {
        await cache.delete('new')
        throw new TypeError('rolled back')
      })
      .catch(() => undefined)
    expect(await cache.get('new')).toBe(1)
  })
})

describe('the cache over Redis', () => {
  redisTest('of two processes that compute the same one does, and the other takes what it stored', async () => {
    const definition = { name: `cache-${randomUUID()}`, routes: {} }
    const [one, two] = [await open(definition, { REDIS_URL: redisUrl }), await open(definition, { REDIS_URL: redisUrl })]
    const compute = vi.fn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return 'computed'
    })
    const asked = [one, two].flatMap(({ cache }) => Array.from({ length: 500 }, () => cache.remember('k', { ttl: '1m', tags: ['t'] }, compute)))
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['computed']))
    expect(compute).toHaveBeenCalledTimes(1)
    await one.cache.flush('t')
    expect(await two.cache.get('k')).toBeUndefined()
    const { client, prefix } = one.app.use(Redis)
    await client.unlink(...(await client.keys(`${prefix}*`)), 'none')
  })

  redisTest('while Redis is away nothing is found or kept, and the work is done', async () => {
    const { cache, counts, logs } = await open({ name: 'away', routes: {} }, { REDIS_URL: 'redis://127.0.0.1:1' })
    expect(await cache.remember('k', { ttl: '1m' }, () => 'computed')).toBe('computed')
    expect([await cache.set('k', 1, { ttl: '1m' }), await cache.get('k')]).toEqual([false, undefined])
    expect(counts()['errors default']).toBeGreaterThan(2)
    expect(logs.some((line) => line.includes('The store of a cache failed'))).toBe(true)
  })
})
