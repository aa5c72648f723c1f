import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApp } from 'glueful'
import { describe, expect, test } from 'vitest'
import { string, uuid } from '../columns/index.ts'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { Database } from '../connection/database.ts'
import { database } from '../extension/database-extension.ts'
import { factory } from '../factories/factory.ts'
import { migration } from '../migrations/migration.ts'
import { Model } from '../model/index.ts'
import { sql } from '../sql/sql.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { loadSeeders } from './load-seeders.ts'
import { orderSeeders } from './order-seeders.ts'
import { runSeeders } from './run-seeders.ts'
import { seeder } from './seeder.ts'

class Dealer extends Model('dealers', { id: uuid().primary(), name: string() }) {}
const DealerFactory = factory(Dealer, (faker) => ({ name: faker.company.name() }))
const dealers = seeder('dealers', { run: () => DealerFactory.count(3).create() })
const nothing = async () => undefined

describe('the order of seeders', () => {
  test('is that of what they need; those that are named bring what they need', () => {
    const all = [
      seeder('orders', { after: ['cars', 'people'], run: nothing }),
      seeder('cars', { after: ['dealers'], run: nothing }),
      dealers,
      seeder('people', { run: nothing }),
    ]
    expect(orderSeeders(all).map(({ name }) => name)).toEqual(['dealers', 'cars', 'people', 'orders'])
    expect(orderSeeders(all, ['cars']).map(({ name }) => name)).toEqual(['dealers', 'cars'])
  })

  test('is refused where there is none: SEEDER_CYCLE, SEEDER_UNKNOWN, SEEDER_INVALID', () => {
    const a = seeder('a', { after: ['b'], run: nothing })
    expect(() => orderSeeders([a, seeder('b', { after: ['a'], run: nothing })])).toThrow(/a → b → a.*SEEDER_CYCLE/)
    expect(() => orderSeeders([a])).toThrow(/no seeder 'b', which a needs.*SEEDER_UNKNOWN/)
    expect(() => orderSeeders([dealers], ['dealer'])).toThrow("Did you mean 'dealers'?")
    expect(() => orderSeeders([dealers, dealers])).toThrow('SEEDER_INVALID')
    expect(() => seeder('../dealers', { run: nothing })).toThrow('SEEDER_INVALID')
  })
})

test('a folder holds one in each file: SEEDER_INVALID', async () => {
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.seeders-test-'))
  try {
    writeFileSync(join(folder, 'cars.ts'), `import { seeder } from '../seeder.ts'\nexport default seeder('cars', { run: async () => undefined })`)
    writeFileSync(join(folder, 'cars.test.ts'), 'throw 1')
    expect((await loadSeeders(folder)).map(({ name }) => name)).toEqual(['cars'])
    writeFileSync(join(folder, 'wrong.ts'), 'export default 1')
    await expect(loadSeeders(folder)).rejects.toMatchObject({ code: 'SEEDER_INVALID' })
    await expect(loadSeeders(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'SEEDER_INVALID' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

await describeDialects(describe, ({ open }) => {
  test('each runs once for a database, whole or not at all, and with the same data each time', async () => {
    await using scratch = await open()
    const own = scratch.db as ManagedDatabase
    await own.script('create table dealers (id varchar(36) primary key, name varchar(200))')
    const names = async () => (await Dealer.query().orderBy('id').get()).map(({ id, name }) => `${id} ${name}`)
    expect(await runSeeders(own, [dealers])).toMatchObject([{ name: 'dealers', ran: true }])
    const first = await names()
    expect(first).toHaveLength(3)
    expect(await runSeeders(own, [dealers])).toMatchObject([{ name: 'dealers', ran: false }])
    await own.run(sql`delete from dealers`)
    await runSeeders(own, [dealers], { again: true })
    expect(await names()).toEqual(first)
    await own.run(sql`delete from dealers`)
    await runSeeders(own, [dealers], { again: true, seed: 2 })
    expect(await names()).not.toEqual(first)

    let count = 0
    const always = seeder('always', { always: true, run: async () => void count++ })
    await runSeeders(own, [always])
    await runSeeders(own, [always])
    expect(count).toBe(2)

    const broken = seeder('broken', {
      run: async () => {
        await DealerFactory.create()
        throw new TypeError('broken')
      },
    })
    const before = await Dealer.count()
    await expect(runSeeders(own, [broken])).rejects.toThrow('broken')
    expect(await Dealer.count()).toBe(before)
    expect(await runSeeders(own, [{ ...broken, run: nothing }])).toMatchObject([{ ran: true }])
  })
})

test('starting an application seeds where it is told to, in development only', async () => {
  const tables = migration('20260101000000_dealers', {
    up: (schema) => schema.createTable('dealers', Dealer.columns),
    down: (schema) => schema.dropTable('dealers'),
  })
  const app = createApp({
    name: 'shop',
    routes: {},
    extensions: [{ name: 'tables', migrations: [tables] }, database({ seeders: [dealers], seedOnStart: true, migrateOnStart: true })],
  })
  for (const [environment, count] of [
    ['development', 3],
    ['test', 0],
    ['production', 0],
  ] as const) {
    const started = app.with({ environment, env: { DATABASE_URL: 'sqlite::memory:' }, logDestination: { write: () => undefined, flush: () => undefined } })
    await started.ready()
    expect(await started.use(Database).all(sql`select * from dealers`)).toHaveLength(count)
    await started.close()
  }
})
