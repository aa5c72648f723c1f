import { createApp, Conflict, route, Transactions } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { Database } from '../connection/database.ts'
import { database } from '../extension/database-extension.ts'
import { sql } from '../sql/sql.ts'
import { outsideTransaction } from '../transaction/scope.ts'
import { afterCommit, transaction } from '../transaction/transaction.ts'
import { describeDialects } from './describe-dialects.ts'
import { testTransaction } from './test-transaction.ts'

const calls: string[] = []
const add = (make: string) => sql`insert into cars (make) values (${make})`
const app = createApp({
  name: 'shop',
  extensions: [database()],
  routes: {
    plain: route.post('/plain', ({ use }) => use(Database).run(add('plain'))),
    sell: route.post('/sell', ({ use }) =>
      transaction(async () => {
        afterCommit(() => void calls.push('sold'))
        return use(Database).run(add('sold'))
      }),
    ),
    fail: route.post('/fail', ({ use }) =>
      transaction(async () => {
        afterCommit(() => void calls.push('never'))
        await use(Database).run(add('never'))
        throw new Conflict()
      }),
    ),
    again: route.post('/again', ({ use }) => use(Database).run(add('plain'))),
    peek: route.post('/peek', ({ use }) => transaction(() => use(Database).run(add('read only')), { readOnly: true })),
    report: route.get('/report', ({ use }) => transaction(() => use(Database).all(sql`select make from cars`), { isolation: 'serializable' })),
  },
})

await describeDialects(describe, ({ open }) => {
  test('what requests and the test do is gone after the test, and visible to both before', async () => {
    await using place = await open()
    await place.db.script('create table cars (make varchar(20) unique)')
    await using one = await testApp(app, { env: { DATABASE_URL: place.url } })
    const makes = async () => (await one.app.use(Database).all<{ make: string }>(sql`select make from cars order by make`)).map(({ make }) => make)
    {
      await using _ = await testTransaction(one)
      calls.length = 0
      await one.app.use(Database).run(add('of the test'))
      expect(await one.client.plain()).toMatchObject({ status: 200, body: { rowCount: 1 } })
      expect((await one.client.again()).error).toMatchObject({ code: 'UNIQUE_VIOLATION' })
      const statuses = await Promise.all([one.client.sell(), one.client.fail(), one.client.report(), one.client.peek()])
      expect(statuses.map(({ status }) => status)).toEqual([200, 409, 200, 500])
      expect(calls).toEqual(['sold'])
      expect(await makes()).toEqual(['of the test', 'plain', 'sold'])
      expect(one.app.use(Transactions).active).toBe(false)
      expect(await transaction(() => outsideTransaction(() => Promise.resolve('joins the test')))).toBe('joins the test')
      expect(await place.db.all(sql`select * from cars`)).toEqual([])
    }
    expect(await makes()).toEqual([])
    await one.client.plain()
    expect(await makes()).toEqual(['plain'])
  })

  test('a database alone can be enclosed as well', async () => {
    await using place = await open()
    await place.db.script('create table cars (make varchar(20) unique)')
    const undo = await testTransaction(place)
    await transaction(() => place.db.run(add('a')))
    await undo.rollback()
    await undo.rollback()
    expect(await place.db.all(sql`select * from cars`)).toEqual([])
  })
  test('work of the background that waits for its turn never gets into the transaction of the next test', async () => {
    await using place = await open({ poolMax: 1 })
    await place.db.script('create table cars (make varchar(20))')
    const steps = async (count: number) => {
      for (let step = 0; step < count; step++) await undefined
    }
    // The rollback comes at each moment at which who waits may be: microtasks are all that lies between.
    for (let moment = 0; moment < 40; moment++) {
      const first = await testTransaction(place)
      const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>()
      const { promise: inside, resolve: tellInside } = Promise.withResolvers<void>()
      const before = transaction(async () => {
        tellInside()
        await goOn
      })
      await inside
      const waiting = transaction(() => place.db.run(add('background')))
      const settled = Promise.allSettled([waiting])
      letGoOn()
      await before
      await steps(moment)
      await first.rollback()
      await using _ = await testTransaction(place)
      await transaction(async () => {
        await place.db.run(add('next test'))
        await settled
        await place.db.run(add('next test'))
      })
      expect(await place.db.all(sql`select distinct make from cars`)).toEqual([{ make: 'next test' }])
      const [outcome] = await settled
      if (outcome?.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'TRANSACTION_ENDED' })
    }
  })
})
