import { Cache, createApp, Locks } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { Database } from '../connection/database.ts'
import { database } from '../extension/database-extension.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { testTransaction } from '../testing/test-transaction.ts'
import { runTrial } from './run-trial.ts'
import { outsideTransaction } from './scope.ts'
import { afterCommit, transaction } from './transaction.ts'

const app = createApp({ name: 'shop', extensions: [database()], routes: {} })

await describeDialects(describe, ({ dialect, open }) => {
  async function start() {
    const place = await open()
    await place.db.script('create table cars (make varchar(20) unique)')
    const one = await testApp(app, { env: { DATABASE_URL: place.url } })
    const db = one.app.use(Database)
    return {
      one,
      db,
      use: one.app.use,
      add: (make: string) => db.run(sql`insert into cars (make) values (${make})`),
      makes: async () => (await db.all<{ make: string }>(sql`select make from cars order by make`)).map(({ make }) => make),
      /** As somebody else sees it. */
      kept: async () => (await place.db.all<{ make: string }>(sql`select make from cars order by make`)).map(({ make }) => make),
      [Symbol.asyncDispose]: async () => {
        await one.close()
        await place.close()
      },
    }
  }

  test('inside everything is as elsewhere, and afterwards it never was', async () => {
    await using it = await start()
    const { add, makes } = it
    const committed: string[] = []
    const { outcome, queries, queryCount } = await runTrial(it.use, async () => {
      await add('plain')
      await transaction(async () => {
        afterCommit(() => void committed.push('inner'))
        await add('inner')
      })
      await transaction(async () => {
        afterCommit(() => void committed.push('never'))
        await add('never')
        throw new RangeError('no')
      }).catch(() => undefined)
      await transaction(() => outsideTransaction(() => add('outside')))
      afterCommit(() => void committed.push('at once'))
      await expect(add('plain')).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
      return makes()
    })
    expect(outcome).toEqual({ status: 'fulfilled', value: ['inner', 'outside', 'plain'] })
    expect(committed).toEqual(['inner', 'at once'])
    expect(await it.kept()).toEqual([])
    expect(queryCount).toBe(6)
    expect(queries).toHaveLength(6)
    expect(queries[0]).toMatchObject({ database: 'default', text: expect.stringContaining('insert into cars'), ms: expect.any(Number), failed: undefined })
    expect(queries[0]?.place).toMatch(/run-trial\.test\.ts:\d+:\d+$/)
    expect(queries.at(-2)?.failed).toBe('UNIQUE_VIOLATION')
    expect(JSON.stringify(queries)).not.toContain("'plain'")
    // The connection is as good as before.
    await add('kept')
    expect(await it.kept()).toEqual(['kept'])
  })

  test('failures are outcomes, and roll back as well', async () => {
    await using it = await start()
    const { outcome } = await runTrial(it.use, async () => {
      await it.add('a')
      throw new RangeError('no')
    })
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'no' } })
    expect(await it.kept()).toEqual([])
  })

  test('what is not awaited, or never ends, is refused and does not hold it', async () => {
    await using it = await start()
    const over = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const late: Promise<unknown>[] = []
    const { outcome } = await runTrial(it.use, async () => {
      late.push(
        over.promise.then(() => it.add('late')),
        transaction(async () => {
          await it.add('nested')
          begun.resolve()
          await over.promise
          await it.add('nested late')
        }),
      )
      await begun.promise
    })
    expect(outcome.status).toBe('fulfilled')
    const other = transaction(async () => {
      await it.add('somebody else')
      over.resolve()
      expect(await Promise.allSettled(late)).toMatchObject([
        { status: 'rejected', reason: { code: 'TRANSACTION_ENDED' } },
        { status: 'rejected', reason: { code: 'TRANSACTION_ENDED' } },
      ])
    })
    await other
    expect(await it.kept()).toEqual(['somebody else'])
  })

  test('statements that would end its transaction are refused', async () => {
    await using it = await start()
    const { outcome } = await runTrial(it.use, async () => {
      await it.add('a')
      const refused = { code: 'TRIAL_STATEMENT_REFUSED' }
      for (const text of ['commit', ' /* now */ ROLLBACK', '-- x\nbegin', 'savepoint a'])
        await expect((async () => it.db.execute(text, []))()).rejects.toMatchObject(refused)
      await expect(it.db.script('commit')).rejects.toMatchObject(refused)
      const drop = (async () => it.db.execute('drop table cars', []))()
      if (dialect === 'mysql') await expect(drop).rejects.toMatchObject(refused)
      else await drop
    })
    expect(outcome.status).toBe('fulfilled')
    expect(await it.kept()).toEqual([])
  })

  test('it keeps the first statements only, and counts the rest', async () => {
    await using it = await start()
    const { queries, queryCount } = await runTrial(it.use, async () => void (await Promise.all([it.add('a'), it.add('b'), it.add('c')])), { keep: 2 })
    expect([queries.length, queryCount]).toEqual([2, 3])
    expect(await it.kept()).toEqual([])
  })

  test('each connection of the application is rolled back', async () => {
    await using place = await open()
    await using other = await open()
    for (const { db } of [place, other]) await db.script('create table cars (make varchar(20))')
    const shop = createApp({ name: 'shop', extensions: [database({ connections: { reports: {} } })], routes: {} })
    await using one = await testApp(shop, { env: { DATABASE_URL: place.url, DATABASE_REPORTS_URL: other.url } })
    const db = one.app.use(Database)
    const reports = db.connection('reports')
    const count = async (from: Database) => Number((await from.first<{ n: unknown }>(sql`select count(*) as n from cars`))?.n)
    const { outcome, queries } = await runTrial(one.app.use, async () => {
      await db.run(sql`insert into cars (make) values ('here')`)
      await reports.transaction(() => reports.run(sql`insert into cars (make) values ('there')`))
      return [await count(db), await count(reports)]
    })
    expect(outcome).toEqual({ status: 'fulfilled', value: [1, 1] })
    expect(queries.map((query) => query.database)).toEqual(['default', 'reports', 'default', 'reports'])
    expect([await count(place.db), await count(other.db)]).toEqual([0, 0])
  })

  test('locks, limits and caches in the database are a part of it, also within a transaction', async () => {
    await using place = await open()
    const stores = { LOCK_STORE: 'database', CACHE_STORE: 'database', DATABASE_MIGRATE: 'true' }
    await using one = await testApp(app, { env: { DATABASE_URL: place.url, ...stores } })
    const cache = one.app.use(Cache)
    const locks = one.app.use(Locks)
    await cache.set('a', 1, { ttl: '1m' })
    const { outcome } = await runTrial(one.app.use, () =>
      transaction(() => locks.withLock('month', { ttl: '30s' }, async () => [await cache.get('a'), await cache.remember('b', { ttl: '1m' }, () => 2)])),
    )
    expect(outcome).toEqual({ status: 'fulfilled', value: [1, 2] })
    expect([await cache.get('a'), await locks.withLock('month', { ttl: '30s' }, () => 'free')]).toEqual([1, 'free'])
  })

  test('in a test it is a part of the transaction of that', async () => {
    await using it = await start()
    await using _ = await testTransaction(it.one)
    await it.add('of the test')
    const { outcome } = await runTrial(it.use, async () => (await it.add('of the trial'), it.makes()))
    expect(outcome).toMatchObject({ value: ['of the test', 'of the trial'] })
    expect(await it.makes()).toEqual(['of the test'])
  })
})
