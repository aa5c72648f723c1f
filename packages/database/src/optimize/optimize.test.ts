import { createApp, route } from 'glueful'
import { createMemoryDestination, testApp } from 'glueful/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { integer, string, text } from '../columns/index.ts'
import { databaseCommands } from '../commands/database-commands.ts'
import { Database } from '../connection/database.ts'
import { database } from '../extension/database-extension.ts'
import { migration } from '../migrations/migration.ts'
import { Model } from '../model/model.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import type { TestDatabase } from '../testing/test-database.ts'

class Part extends Model('parts', {
  id: integer().primary(),
  code: string(40),
  maker: string(40),
  state: string(10),
  price: integer(),
  notes: text(),
}) {}

const tables = migration('20260201000000_parts', {
  up: (schema) => schema.createTable('parts', Part.columns, { indexes: [['maker', 'price']] }),
  down: (schema) => schema.dropTable('parts'),
})

const app = createApp({
  name: 'shop',
  extensions: [{ name: 'parts', migrations: [tables] }, database({ models: { Part } })],
  routes: {
    code: route.get('/code', () => Part.where('code', 'secret value').get()),
    update: route.get('/update', () => Part.where('code', 'c78').update({ notes: 'changed' })),
    cheapest: route.get('/cheapest', () => Part.where('state', 's1').orderBy('price').limit(5).get()),
    price: route.get('/price', () => Part.whereBetween('price', 10, 20).get()),
    served: route.get('/served', () => Part.where({ maker: 'm3', price: 40 }).get()),
    like: route.get('/like', () => Part.whereContains('notes', 'x').get()),
    either: route.get('/either', () => Part.where('code', 'c1').orWhere('state', 's1').get()),
    all: route.get('/all', () => Part.query().get()),
    join: route.get('/join', ({ use }) => use(Database).all(sql`select p.id from parts as p inner join parts q on q.id = p.price where p.code = ${'c5'}`)),
  },
})

interface Answer {
  readonly code: number
  readonly printed: string
  readonly queries: readonly {
    readonly query: string
    readonly runs: number
    readonly plan: readonly string[]
    readonly place: string | null
    readonly findings: readonly { readonly problem: string; readonly reason: string; readonly columns?: readonly string[]; readonly readsThen?: number }[]
  }[]
  readonly suggestions: readonly { readonly columns: readonly string[]; readonly sql: string; readonly reason: string; readonly queries: number }[]
}

async function optimize(url: string, options: Record<string, string | boolean> = {}): Promise<Answer> {
  const own = app.with({ environment: 'test', env: { DATABASE_URL: url }, logDestination: createMemoryDestination() })
  const printed: string[] = []
  const command = databaseCommands.find(({ name }) => name === 'db optimize')
  try {
    const code = ((await command?.run({ args: [], options, app: own, print: (line) => printed.push(line) })) as number | undefined) ?? 0
    const json = options['json'] === true ? (JSON.parse(printed.join('\n')) as Answer) : { queries: [], suggestions: [] }
    return { ...json, code, printed: printed.join('\n') }
  } finally {
    await own.close()
  }
}

await describeDialects(describe, ({ dialect, open }) => {
  let place: TestDatabase
  const analyze = () => place.db.script(dialect === 'mysql' ? 'analyze table parts' : 'analyze')

  /** Asks the application, all of whose queries count as slow, and ends it. */
  async function ask(...paths: string[]): Promise<void> {
    const one = await testApp(app, { env: { DATABASE_URL: place.url, DATABASE_SLOW_QUERY: '0' } })
    for (const path of paths) expect((await one.fetch(path)).status).toBe(200)
    await one.close()
  }

  beforeAll(async () => {
    place = await open()
    await ask()
    for (let from = 0; from < 4_000; from += 1_000)
      await Part.createMany(
        Array.from({ length: 1_000 }, (_, at) => from + at + 1).map((id) => ({
          id,
          code: `c${id % 1_000}`,
          maker: `m${id % 1_000}`,
          state: `s${id % 4}`,
          price: (id * 7) % 4_000,
          notes: 'n',
        })),
      )
    await analyze()
    await optimize(place.url, { forget: true })
  })
  afterAll(() => place.close())

  test('what was slow is explained in another process: which index helps, and why none does', async () => {
    await optimize(place.url, { forget: true })
    await ask('/code', '/code', '/update', '/cheapest', '/price', '/served', '/like', '/either', '/all', '/join')
    const { code, queries, suggestions } = await optimize(place.url, { json: true, queries: '100' })
    expect(code).toBe(1)
    const about = (pattern: RegExp) => queries.find(({ query }) => pattern.test(query.replaceAll(/["`]/g, '')))
    const byCode = about(/^select .*where parts\.code = \S+$/)
    expect(byCode).toMatchObject({
      runs: 2,
      findings: [
        { problem: 'all 4,000 rows of parts are read', reason: 'it looks for values of code, and no index begins so', columns: ['code'], readsThen: 4 },
      ],
    })
    expect(byCode?.place).toMatch(/optimize\.test\.ts:\d+:\d+$/)
    expect(byCode?.plan.join('\n')).toContain('parts')
    expect(JSON.stringify(queries)).not.toContain('secret value')
    expect(about(/^update/)?.findings).toMatchObject([{ columns: ['code'] }])
    expect(about(/order by parts\.price limit/)?.findings).toMatchObject([
      { columns: ['state', 'price'], reason: expect.stringContaining('wants the first by price') },
    ])
    expect(about(/price between/)?.findings).toMatchObject([
      { columns: ['price'], reason: 'it looks for a range of price, and the index parts_maker_price_index begins with maker, which it does not ask for' },
    ])
    expect(about(/maker = \S+ and parts\.price = /)?.findings).toEqual([])
    expect(about(/like/)?.findings).toMatchObject([{ reason: expect.stringContaining('full-text search') }])
    expect(about(/ or /)?.findings).toMatchObject([{ reason: 'conditions are joined by or' }])
    expect(about(/from parts$/)?.findings).toMatchObject([{ reason: expect.stringContaining('ask for a part') }])
    expect(about(/inner join/)?.findings).toContainEqual(expect.objectContaining({ columns: ['code'] }))
    const columns = suggestions.map((one) => one.columns.join())
    expect(columns.toSorted()).toEqual(expect.arrayContaining(['code', 'price', 'state,price']))
    expect(columns).not.toContain('state')
    expect(suggestions.find((one) => one.columns.join() === 'code')).toMatchObject({ queries: 3, sql: expect.stringContaining('create index') })
  })

  test('the index that is suggested is taken, and nothing is suggested any more', async () => {
    await optimize(place.url, { forget: true })
    await ask('/code', '/cheapest', '/price')
    const before = await optimize(place.url, { json: true })
    expect(before.suggestions).toHaveLength(3)
    for (const suggestion of before.suggestions) await place.db.script(suggestion.sql)
    await analyze()
    const after = await optimize(place.url, { json: true })
    expect(after).toMatchObject({ code: 0, suggestions: [] })
    const plans = after.queries.flatMap(({ query, plan }) => (/from .?parts/.test(query) ? [plan.join('\n')] : []))
    for (const name of ['parts_code_index', 'parts_state_price_index', 'parts_price_index']) expect(plans.some((plan) => plan.includes(name))).toBe(true)
    const { code, printed } = await optimize(place.url)
    expect([code, printed]).toEqual([0, expect.stringMatching(/parts_code_index[\s\S]*No index to suggest\.$/)])
    expect(await optimize(place.url, { forget: true })).toMatchObject({ code: 0 })
    expect(await optimize(place.url)).toMatchObject({ code: 0, printed: expect.stringContaining('Nothing was slow') })
  })

  test('processes add up what was slow, only so much is kept, and what the database refuses to explain is said', async () => {
    await optimize(place.url, { forget: true })
    await ask('/code')
    await ask('/code')
    const { queries } = await optimize(place.url, { json: true, queries: '500' })
    expect(queries.find(({ query }) => /code.? = \S+$/.test(query))?.runs).toBe(2)
    const start = () => testApp(app, { env: { DATABASE_URL: place.url, DATABASE_SLOW_QUERY: '0' } })
    for (const from of [0, 120]) {
      const one = await start()
      for (let at = from; at < from + 120; at++) await one.app.use(Database).all(sql`select ${sql.raw(`${at} as many`)}`)
      await one.close()
    }
    const one = await start()
    await one.app.use(Database).run(sql`create table gone (id int)`)
    for (let times = 0; times < 300; times++) await one.app.use(Database).all(sql`select id from gone`)
    await one.app.use(Database).run(sql`drop table gone`)
    await one.close()
    const kept = await place.db.all(sql`select id from glueful_slow_queries`)
    expect(kept.length).toBeGreaterThan(100)
    expect(kept.length).toBeLessThanOrEqual(200)
    const { printed } = await optimize(place.url, { queries: '5' })
    expect(printed).toContain('no plan:')
    expect(printed).toContain('300 ×')
  })
})

test('without its table it says what to do', async () => {
  expect(await optimize('sqlite::memory:')).toMatchObject({ code: 1, printed: expect.stringContaining('glueful migrate') })
})

test.each([{ queries: '0' }, { queries: 'many' }])('the options %o are refused', async (options) => {
  await expect(optimize('sqlite::memory:', options)).rejects.toMatchObject({ code: 'COMMAND_ARGUMENT_INVALID' })
})
