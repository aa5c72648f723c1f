import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { Database } from '../connection/database.ts'
import { string } from '../columns/builders.ts'
import { database } from '../extension/database-extension.ts'
import { Model } from '../model/model.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { openTestDatabase } from '../testing/open-test-database.ts'
import { testDatabase } from '../testing/test-database.ts'
import { transaction } from '../transaction/transaction.ts'

class Place extends Model('place', { name: string(20) }) {}

const where = sql`select name from place`
const write = sql`insert into place values ('written')`
const app = createApp({
  name: 'split',
  extensions: [database({ queryCache: true })],
  routes: {
    read: route.get('/read', ({ use }) => use(Database).all(where)),
    first: route.post('/first', async ({ use }) => [await use(Database).all(where), await use(Database).run(write), await use(Database).all(where)]),
    both: route.post('/both', ({ use }) => transaction(() => use(Database).all(where))),
    snapshot: route.get('/snapshot', ({ use }) => transaction(() => use(Database).all(where), { readOnly: true })),
    batches: route.get('/batches', async ({ use }) => {
      const rows: unknown[] = []
      for await (const batch of use(Database).batches('select name from place', [])) rows.push(...batch.rows)
      return rows
    }),
    locked: route.get('/locked', ({ use }) => use(Database).all(sql`select name from place for update`)),
    asked: route.get('/asked', ({ use }) => use(Database).all(where, { writes: true })),
    cached: route.get('/cached', async () => [
      await Place.query().pluck('name'),
      await Place.cache({ ttl: '1h' }).pluck('name'),
      await Place.query().pluck('name'),
    ]),
    fresh: route.get('/fresh', async ({ use }) => [await use(Database).all(where, { fresh: true }), await use(Database).all(where)]),
  },
})

await describeDialects(
  describe,
  ({ dialect, open }) => {
    /** A primary and a replica that do not follow each other, so that one can tell which was asked. */
    async function start() {
      const [primary, replica] = [await open(), await testDatabase(dialect)]
      for (const [place, name] of [
        [primary, 'primary'],
        [replica, 'replica'],
      ] as const) {
        await place.db.script('create table place (name varchar(20))')
        await place.db.run(sql`insert into place values (${name})`)
      }
      return { primary, replica, [Symbol.asyncDispose]: async () => void (await primary.close(), await replica.close()) }
    }

    test('reads go to the replica until the request writes', async () => {
      await using places = await start()
      await using one = await testApp(app, { env: { DATABASE_URL: places.primary.url, DATABASE_REPLICA_URLS: places.replica.url } })
      const [primary, replica] = [[{ name: 'primary' }], [{ name: 'replica' }]]
      expect((await one.client.read()).body).toEqual(replica)
      expect((await one.client.snapshot()).body).toEqual(replica)
      expect((await one.client.batches()).body).toEqual([['replica']])
      expect((await one.client.both()).body).toEqual(primary)
      expect((await one.client.locked()).body).toEqual(primary)
      expect((await one.client.asked()).body).toEqual(primary)
      expect((await one.client.fresh()).body).toEqual([primary, replica])
      // What a replica has not heard of yet must not be kept.
      expect((await one.client.cached()).body).toEqual([['replica'], ['primary'], ['replica']])
      expect(await one.app.use(Database).all(where)).toEqual(primary)
      expect((await one.client.first()).body).toEqual([replica, { rowCount: 1 }, [{ name: 'primary' }, { name: 'written' }]])
      expect((await one.client.read()).body).toEqual(replica)
      const metrics = await (await one.fetch('/metrics')).text()
      expect(metrics).toContain('glueful_db_connections{database="default",role="replica",state="idle"} 1')
      expect(await (await one.fetch('/health/ready')).json()).toMatchObject({ checks: { database: { status: 'ok' } } })
    })

    test('the primary stands in for a replica that is gone, and health is degraded', async () => {
      await using primary = await open()
      await primary.db.script('create table place (name varchar(20))')
      const gone = new URL(primary.url)
      gone.port = '1'
      await using one = await testApp(app, { env: { DATABASE_URL: primary.url, DATABASE_REPLICA_URLS: `${gone.href}, ${gone.href}` } })
      expect(await one.client.read()).toMatchObject({ status: 200, body: [] })
      expect((await one.client.read()).status).toBe(200)
      expect(one.logs().filter(({ msg }) => msg.startsWith('A replica'))).toHaveLength(2)
      expect(await (await one.fetch('/health/ready')).json()).toMatchObject({ status: 'degraded', checks: { database: { status: 'degraded' } } })
    })

    test('a replica is of the same kind as its primary', async () => {
      await using primary = await open()
      await expect(openTestDatabase(primary.url, { replicas: ['sqlite::memory:'] })).rejects.toMatchObject({
        code: 'DATABASE_URL_INVALID',
        detail: expect.stringContaining('DATABASE_REPLICA_URLS'),
      })
    })
  },
  ['postgres', 'mysql'],
)
