import { createApp, DatabaseCacheStore, DatabaseIdempotencyStore, type App } from 'glueful'
import { createFrozenClock, createMemoryDestination } from 'glueful/testing'
import { database } from '@glueful/database'
import { describeDialects, type TestDatabase } from '@glueful/database/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { cacheStoreSuite } from '../cache/cache-store-suite.ts'
import { idempotencyStoreSuite } from './idempotency-store-suite.ts'

// Each operation is a commit to disk here.
const runs = 6

await describeDialects(describe, ({ open }) => {
  const clock = createFrozenClock(Date.now())
  let place: TestDatabase
  let app: App
  beforeAll(async () => {
    place = await open()
    app = createApp({ name: 'stores', routes: {}, extensions: [database()] }).with({
      environment: 'test',
      env: { DATABASE_URL: place.url },
      clock,
      logDestination: createMemoryDestination(),
    })
    await app.ready()
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await place.close()
  })

  describe('Idempotency-Keys', () => {
    idempotencyStoreSuite(test, async () => app.use(DatabaseIdempotencyStore), runs)
  })

  describe('the cache', () => {
    cacheStoreSuite(
      test,
      async (own) => {
        // The store keeps the application's clock; each test turns its own, which stands at the same time.
        const store = app.use(DatabaseCacheStore)
        await store.clear('')
        await store.flush(['a', 'b:1', 'cars', 'cars:1', 'dealers', 'others', 't', 'x', 'y', 'z'])
        for (const key of ['k', 'a', 'b', 'c', 'both', 'one', 'other', 'none']) await store.delete(key)
        const advance = own.advance
        clock.set(own.now())
        Object.assign(own, {
          advance: (ms: number) => {
            advance(ms)
            clock.set(own.now())
          },
        })
        return store
      },
      runs,
    )
  })
})
