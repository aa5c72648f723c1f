import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { Database } from '../connection/database.ts'
import { database } from '../extension/database-extension.ts'
import { storeMigrations } from '../stores/store-migrations.ts'
import { sql } from '../sql/sql.ts'
import { transaction } from '../transaction/transaction.ts'
import { CallPlace } from './call-place.ts'

const app = createApp({
  name: 'shop',
  extensions: [database()],
  routes: {
    one: route.get('/one', ({ use }) => use(Database).first(sql`select count(*) as count from cars`)),
    many: route.get('/many', { queryBudget: 3 }, async ({ use }) => {
      for (let index = 0; index < 4; index++) await use(Database).all(sql`select * from cars where id = ${index}`)
      return use(Database).first(sql`select 1 as one`)
    }),
    few: route.get('/few', { queryBudget: { queries: 1, ms: 10_000 } }, ({ use }) => use(Database).first(sql`select 1 as one`)),
    slow: route.get('/slow', { queryBudget: { ms: 0 } }, ({ use }) => use(Database).first(sql`select 1 as one`)),
    move: route.post('/move', ({ use }) => transaction(() => use(Database).run(sql`insert into cars values (1)`))),
    apart: route.get('/apart', { database: false }, () => ({ ok: true })),
  },
})

async function start(env: Record<string, string> = {}) {
  const one = await testApp(app, { env })
  await one.app.use(Database).script('create table cars (id integer primary key)')
  const metric = async (start: string) => (await (await one.fetch('/metrics')).text()).split('\n').filter((line) => line.startsWith(start))
  return { ...one, metric, [Symbol.asyncDispose]: () => one.close() }
}

test('queries are measured by connection, operation and table, and requests by route', async () => {
  await using one = await start()
  await one.client.one()
  await one.client.one()
  await one.client.move()
  await one.client.move()
  await one.client.apart()
  expect((await one.metric('glueful_db_query_duration_seconds_count')).filter((line) => line.includes('cars'))).toEqual([
    'glueful_db_query_duration_seconds_count{database="default",operation="select",table="cars"} 2',
    'glueful_db_query_duration_seconds_count{database="default",operation="insert",table="cars"} 2',
  ])
  expect(await one.metric('glueful_db_query_errors_total')).toEqual(['glueful_db_query_errors_total{database="default",code="UNIQUE_VIOLATION"} 1'])
  // One of the request, and one for each migration that the extension brings: those of the stores, and that of slow queries.
  expect(await one.metric('glueful_db_transactions_total')).toEqual([
    `glueful_db_transactions_total{database="default",outcome="committed"} ${2 + storeMigrations.length}`,
    'glueful_db_transactions_total{database="default",outcome="rolled_back"} 1',
  ])
  expect(await one.metric('glueful_db_route_queries_count')).toEqual([
    'glueful_db_route_queries_count{route="/one"} 2',
    'glueful_db_route_queries_count{route="/move"} 2',
  ])
  expect(await one.metric('glueful_db_route_duration_seconds_count{route="/one"}')).toHaveLength(1)
  expect(await one.metric('glueful_db_connections')).toEqual([
    'glueful_db_connections{database="default",role="primary",state="in_use"} 0',
    'glueful_db_connections{database="default",role="primary",state="idle"} 1',
    'glueful_db_connections{database="default",role="primary",state="waiting"} 0',
  ])
})

test('a slow query is logged with the line that made it, and without its values', async () => {
  await using one = await start({ DATABASE_SLOW_QUERY: '0' })
  await one.app.use(Database).all(sql`select * from cars where id = ${'a secret'}`)
  const line = one.logs().find(({ query }) => query === 'select * from cars where id = ?')
  expect(line).toMatchObject({
    level: 40,
    msg: 'Slow query',
    database: 'default',
    operation: 'select',
    table: 'cars',
    place: expect.stringMatching(/observe\.test\.ts:\d+:\d+$/),
  })
  expect(JSON.stringify(one.logs())).not.toContain('a secret')
  expect((await one.metric('glueful_db_slow_queries_total'))[0]).toMatch(/\{database="default"\} [1-9]/)
})

test('quick queries are not logged', async () => {
  await using one = await start()
  await one.client.one()
  expect(one.logs().filter(({ msg }) => msg === 'Slow query')).toEqual([])
})

test('a request beyond its budget fails a test and names the line that asked most', async () => {
  await using one = await start()
  expect((await one.client.few()).status).toBe(200)
  const answer = await one.client.many()
  expect(answer.error).toMatchObject({ status: 500, code: 'QUERY_BUDGET_EXCEEDED', detail: expect.stringContaining('5 queries, at most 3') })
  expect(answer.error?.detail).toMatch(/4 × select \* from cars where id = \? at .*observe\.test\.ts:17:/)
  expect((await one.client.slow()).error).toMatchObject({ code: 'QUERY_BUDGET_EXCEEDED', detail: expect.stringContaining('ms in queries, at most 0') })
})

test('outside of tests a request beyond its budget is answered and logged', async () => {
  await using one = await testApp(app, { environment: 'production', env: { DATABASE_URL: 'sqlite::memory:', APP_KEY: 'k'.repeat(64) } })
  await one.app.use(Database).script('create table cars (id integer primary key)')
  expect((await one.client.many()).status).toBe(200)
  expect(one.logs().find(({ level, msg }) => level === 40 && !msg.startsWith('Migrations'))).toMatchObject({
    queries: 5,
    msg: expect.stringContaining('5 queries, at most 3'),
    asked: [expect.stringMatching(/^4 × /), expect.any(String)],
  })
})

test.for([-1, Number.NaN, {}, { queries: -1 }])('the budget %o is refused at boot', (queryBudget) => {
  const wrong = createApp({ name: 'wrong', extensions: [database()], routes: { one: route.get('/', { queryBudget }, () => 1) } })
  expect(() => wrong.routes()).toThrow(expect.objectContaining({ code: 'QUERY_BUDGET_INVALID' }))
})

test('a place is where the application called, not where Node or packages did', () => {
  expect(String(new CallPlace())).toMatch(/^packages\/database\/src\/observe\/observe\.test\.ts:\d+:\d+$/)
})
