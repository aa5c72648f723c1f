import { Cache, CacheStores, createApp, createMemoryCacheStore, Sealing, type CacheStore } from 'glueful'
import { createFrozenClock, testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { noSeal } from '../columns/column-seal.ts'
import type { Rows } from '../driver/driver.ts'
import { silentLog } from '../testing/silent-log.ts'
import { addKnownTable } from './known-tables.ts'
import { createQueryCache, tableTag } from './query-cache.ts'

addKnownTable('cars')
const app = createApp({ name: 'shop', routes: {} })
const rowsOf = (value: unknown): Rows => ({ columns: ['price'], rows: [[value]], rowCount: 1 })
const cars = [{ table: 'cars', how: 'update' }] as const

async function start(store?: CacheStore) {
  const one = await testApp(app, { env: { APP_KEY: `base64:${Buffer.alloc(32, 1).toString('base64')}` } })
  const cache = createQueryCache({
    cache: () => one.app.use(Cache),
    store: () => store ?? one.app.use(CacheStores).ready(),
    seal: one.app.use(Sealing).for('query-cache'),
    log: silentLog,
  })
  const read = (run: () => Promise<Rows> | Rows, params: readonly unknown[] = []) =>
    cache.read({
      database: 'default',
      text: 'select price from cars',
      params,
      options: { ttl: '1m' },
      table: 'cars',
      tables: new Set(['cars']),
      hidden: false,
      run,
    })
  return { one, cache, read: async (...given: Parameters<typeof read>) => (await read(...given)).rows[0]?.[0], [Symbol.asyncDispose]: () => one.close() }
}

test('what was read before a write and comes after it is not kept, and not given to those who ask after it', async () => {
  await using it = await start()
  const old = Promise.withResolvers<Rows>()
  const begun = Promise.withResolvers<void>()
  const slow = it.read(() => {
    begun.resolve()
    return old.promise
  })
  await begun.promise
  // Asked before the write as well: what the first finds is good enough.
  const beside = it.read(() => expect.unreachable())
  await it.cache.wrote(cars)
  const after = it.read(() => rowsOf('new'))
  old.resolve(rowsOf('old'))
  expect(await slow).toBe('old')
  expect(await after).toBe('new')
  await beside.catch(() => undefined)
  expect(await it.read(() => rowsOf('newest'))).toBe('newest')
  expect(await it.read(() => expect.unreachable())).toBe('newest')
})

test('many who ask at once are answered by one query, and each has rows of its own', async () => {
  await using it = await start()
  let runs = 0
  const all = await Promise.all(
    Array.from({ length: 50 }, () =>
      it.cache.read({
        database: 'default',
        text: 'select',
        params: [],
        options: { ttl: '1m' },
        table: 'cars',
        tables: new Set(['cars']),
        hidden: false,
        run: async () => {
          runs++
          return rowsOf(1)
        },
      }),
    ),
  )
  expect(runs).toBe(1)
  expect(new Set(all.map(({ rows }) => rows)).size).toBe(50)
})

test('values of every kind come back as they were, and tell questions apart', async () => {
  await using it = await start()
  const values = [
    0,
    -0,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2n ** 70n,
    'ä\0\u{1f600}\ud800',
    '',
    true,
    null,
    new Date(5),
    new Uint8Array([0, 255]),
    { a: [1] },
  ]
  for (const [at, value] of values.entries()) {
    await it.read(() => rowsOf(value), ['value', at])
    expect(await it.read(() => expect.unreachable(), ['value', at]), String(at)).toEqual(value instanceof Uint8Array ? Buffer.from(value) : value)
  }
  // A number, its text, its bigint, and a list of it are four questions.
  const questions = [1, '1', 1n, [1], [1n], ['1'], new Uint8Array([1]), null, true]
  for (const [at, question] of questions.entries()) await it.read(() => rowsOf(at), [question])
  for (const [at, question] of questions.entries()) expect(await it.read(() => expect.unreachable(), [question])).toBe(at)
})

test('while a store cannot be cleared nothing of it is used, and what is owed is cleared first', async () => {
  const memory = createMemoryCacheStore({ limit: 1_000_000, clock: createFrozenClock() })
  let down = false
  const flushed: string[][] = []
  const store: CacheStore = {
    ...memory,
    flush: (tags) => {
      if (down) throw new Error('unreachable')
      flushed.push([...tags])
      return memory.flush(tags)
    },
  }
  await using it = await start(store)
  await it.read(() => rowsOf('old'))
  down = true
  await it.cache.wrote(cars)
  expect(await it.read(() => rowsOf('new'))).toBe('new')
  expect(await it.read(() => rowsOf('newer'))).toBe('newer')
  down = false
  await it.read(() => rowsOf('newest'))
  expect(flushed).toEqual([[tableTag('cars')]])
})

test('writes to tables of which nothing can be cached, or without a store, cost nothing and fail nobody', async () => {
  await using one = await testApp(app, { env: { WORKERS: '2', CACHE_STORE: 'memory' } })
  const store = () => one.app.use(CacheStores).ready()
  const cache = createQueryCache({ cache: () => one.app.use(Cache), store, seal: noSeal, log: silentLog })
  expect(store).toThrow(expect.objectContaining({ code: 'STORE_NOT_SHARED' }))
  expect(cache.wrote([{ table: 'jobs', how: 'delete' }])).toBeUndefined()
  expect(cache.wrote(cars)).toBeUndefined()
})

test('hidden values need a key where the store is not the memory of the process', async () => {
  await using one = await testApp(app)
  const store = () => ({ ...createMemoryCacheStore({ limit: 1_000, clock: createFrozenClock() }), name: 'redis' })
  const cache = createQueryCache({ cache: () => one.app.use(Cache), store, seal: noSeal, log: silentLog })
  const read = { database: 'default', text: '', params: [], options: { ttl: '1m' }, table: 'cars', tables: new Set<string>(), run: () => rowsOf(1) } as const
  await expect(cache.read({ ...read, hidden: true })).rejects.toMatchObject({ code: 'APP_KEY_MISSING' })
  expect((await cache.read({ ...read, hidden: false })).rows).toEqual([[1]])
})
