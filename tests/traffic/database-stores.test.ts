import { setTimeout as wait } from 'node:timers/promises'
import { createApp, DatabaseLimitStore, DatabaseLockStore, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { database } from '@glueful/database'
import { describeDialects, type TestDatabase } from '@glueful/database/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeLockStore } from '../locks/lock-store-conformance.ts'
import { describeLimitStore } from './limit-store-conformance.ts'

const shop = createApp({ name: 'shop', routes: {}, extensions: [database({ migrateOnStart: true })] })

await describeDialects(describe, ({ open }) => {
  let target: TestDatabase
  let app: typeof shop
  beforeAll(async () => {
    target = await open()
    app = (await testApp(shop, { env: { DATABASE_URL: target.url } })).app
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await target.close()
  })

  // The suites use names of their own, so that one database is enough. Its clock cannot be moved; a little longer is
  // waited, because timers may fire a little early.
  const shared = { advance: (ms: number) => wait(ms + 5), [Symbol.asyncDispose]: async () => {} }
  describeLimitStore('limits', () => ({ ...shared, store: app.use(DatabaseLimitStore) }))
  describeLockStore('locks', () => ({ ...shared, store: app.use(DatabaseLockStore) }))
})

test('what limits ask of the database is not counted among the queries of the request', async () => {
  const routes = { cars: route.get('/cars', { rateLimit: { attempts: 1, per: '1m' }, queryBudget: 0 }, () => 'ok') }
  const app = createApp({ name: 'shop', routes, extensions: [database({ migrateOnStart: true })] })
  await using one = await testApp(app, { env: { RATE_LIMIT_STORE: 'database' } })
  expect([(await one.fetch('/cars')).status, (await one.fetch('/cars')).status]).toEqual([200, 429])
})
