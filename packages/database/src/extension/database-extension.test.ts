import { createApp, event, listen, NotFound, route, Transactions } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { Database } from '../connection/database.ts'
import { currentDatabase } from '../connection/databases.ts'
import { sql } from '../sql/sql.ts'
import { afterCommit, inTransaction, transaction } from '../transaction/transaction.ts'
import { database } from './database-extension.ts'
import { urlVariable } from './database-settings.ts'

const app = createApp({
  name: 'shop',
  extensions: [database()],
  routes: {
    add: route.post('/cars', async ({ use }) => {
      const db = use(Database)
      return transaction(async () => {
        await db.run(sql`insert into cars (make) values ('Volvo')`)
        return { count: await db.first(sql`select count(*) as count from cars`) }
      })
    }),
    twice: route.post('/twice', ({ use }) => use(Database).run(sql`insert into cars (id) values (1), (1)`)),
    fail: route.post('/fail', () =>
      transaction(async () => {
        await currentDatabase().run(sql`insert into cars (make) values ('Saab')`)
        throw new NotFound()
      }),
    ),
  },
})

async function start() {
  const test = await testApp(app)
  await test.app.use(Database).script('create table cars (id integer primary key, make text)')
  return test
}

test('tests have a database in memory; handlers and functions without a context find the same one', async () => {
  await using one = await start()
  const answer = await one.client.add()
  expect(answer.body).toEqual({ count: { count: 1 } })
  expect((await one.client.fail()).status).toBe(404)
  expect(await currentDatabase().all(sql`select make from cars`)).toEqual([{ make: 'Volvo' }])
})

test('two applications of one process keep their data apart', async () => {
  await using one = await start()
  await using two = await start()
  await one.client.add()
  expect((await one.client.add()).body).toEqual({ count: { count: 2 } })
  expect((await two.client.add()).body).toEqual({ count: { count: 1 } })
})

test('a conflict that escapes a handler answers 409 and names nothing internal', async () => {
  await using one = await start()
  const answer = await one.client.twice()
  expect(answer.status).toBe(409)
  expect(JSON.stringify(answer.error)).not.toContain('cars')
})

test('core joins transactions through its token', async () => {
  await using one = await start()
  const transactions = one.app.use(Transactions)
  const calls: string[] = []
  expect(transactions.active).toBe(false)
  await transactions.run(async () => {
    expect(transactions.active).toBe(true)
    transactions.afterCommit(() => void calls.push('committed'))
    expect((await currentDatabase().run(sql`insert into cars (make) values ('Audi')`)).rowCount).toBe(1)
    expect(calls).toEqual([])
  })
  expect(calls).toEqual(['committed'])
})

test('a deferred listener has nothing to do with the transaction around its event', async () => {
  const sold = event<string>('sold')
  const found: unknown[] = []
  const shop = createApp({
    name: 'shop',
    extensions: [database()],
    listeners: [
      listen(
        sold,
        async (make) => {
          found.push(inTransaction(), make, await currentDatabase().first(sql`select make from cars`))
        },
        { mode: 'deferred' },
      ),
    ],
    routes: {
      sell: route.post('/sell', ({ use, emit }) =>
        transaction(async () => {
          await use(Database).run(sql`insert into cars (make) values ('Volvo')`)
          await emit(sold, 'Volvo')
          return { sold: true }
        }),
      ),
    },
  })
  await using one = await testApp(shop)
  await one.app.use(Database).script('create table cars (id integer primary key, make text)')
  expect((await one.client.sell()).status).toBe(200)
  await one.app.events().idle()
  expect(found).toEqual([false, 'Volvo', { make: 'Volvo' }])
})

test('a callback that fails without a transaction is logged', async () => {
  await using one = await start()
  afterCommit(() => Promise.reject(new RangeError('too late')))
  await expect.poll(() => one.logs().some(({ msg }) => msg === 'A callback of a transaction failed')).toBe(true)
})

test('health asks the database', async () => {
  await using one = await start()
  const ready = await one.fetch('/health/ready')
  expect(await ready.json()).toMatchObject({ status: 'ok', checks: { database: { status: 'ok' } } })
})

test('named connections have their own variable, and unknown names are refused', async () => {
  const many = createApp({ name: 'many', routes: {}, extensions: [database({ connections: { reports: {} } })] })
  await using one = await testApp(many, { env: { DATABASE_REPORTS_URL: 'sqlite::memory:' } })
  const reports = one.app.use(Database).connection('reports')
  await reports.script('create table numbers (n integer)')
  await expect(one.app.use(Database).all(sql`select * from numbers`)).rejects.toMatchObject({ code: 'QUERY_FAILED' })
  expect(currentDatabase('reports')).toBe(reports)
  expect(() => reports.connection('report')).toThrow(
    expect.objectContaining({ code: 'DATABASE_CONNECTION_UNKNOWN', detail: expect.stringContaining("'reports'") }),
  )
  await expect(testApp(many)).rejects.toMatchObject({ code: 'SETTINGS_INVALID', message: expect.stringContaining('DATABASE_REPORTS_URL') })
})

test('the variable of a connection is its name in upper case', () => {
  expect(['reports', 'readModels', 'read-models'].map(urlVariable)).toEqual(['DATABASE_REPORTS_URL', 'DATABASE_READ_MODELS_URL', 'DATABASE_READ_MODELS_URL'])
})

test('a database that cannot be opened keeps the application from starting, and says which', async () => {
  const starting = testApp(app, { env: { DATABASE_URL: 'sqlite:/dev/null/app.sqlite' } })
  await expect(starting).rejects.toMatchObject({ cause: { code: 'DATABASE_START_FAILED', detail: expect.stringContaining('sqlite:/dev/null/app.sqlite') } })
})
