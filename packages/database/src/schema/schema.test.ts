import { describe, expect, test } from 'vitest'
import { bigint, binary, boolean, date, decimal, encrypted, enumeration, float, integer, json, string, text, timestamp, uuid } from '../columns/index.ts'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { toObjects } from '../connection/row-objects.ts'
import { liveTarget, overDatabase } from '../migrations/migration-connection.ts'
import { sql } from '../sql/sql.ts'
import { openTestDatabase } from '../testing/open-test-database.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import { liveColumns } from './live-columns.ts'
import { createSchema, type Schema } from './schema.ts'

const id = '0198c5a0-0000-7000-8000-000000000001'
const other = '0198c5a0-0000-7000-8000-000000000002'

await describeDialects(describe, ({ dialect, open: openEmpty }) => {
  interface Opened extends AsyncDisposable {
    readonly schema: Schema
    readonly database: ManagedDatabase
    readonly rows: (text: string) => Promise<Record<string, unknown>[]>
    readonly columns: (table: string) => Promise<string[]>
  }

  async function open(): Promise<Opened> {
    const scratch = await openEmpty()
    const databases = await openTestDatabase(scratch.url)
    const database = databases.default
    const rows = async (text: string, params: readonly unknown[] = []) => toObjects(await database.execute(text, params))
    return {
      database,
      schema: createSchema(liveTarget(overDatabase(database))),
      rows,
      columns: (table) => liveColumns(dialect, table, rows),
      async [Symbol.asyncDispose]() {
        await databases.stop()
        await scratch.close()
      },
    }
  }

  test('makes tables of every type of column, with defaults that hold', async () => {
    await using opened = await open()
    const { schema, rows } = opened
    const hostile = `it's "quoted" \\ back\\'slash ; -- not a comment`
    await schema.createTable('everything', {
      id: uuid().primary(),
      name: string(60).default(hostile),
      body: text().default(hostile),
      count: integer().default(-7),
      big: bigint().default(9_007_199_254_740_993n),
      price: decimal(12, 2).default('10.50'),
      ratio: float().default(0.5),
      sold: boolean().default(true),
      day: date().default('2026-11-26'),
      at: timestamp().default(new Date('2026-11-26T10:00:00.123Z')),
      specs: json().default({ doors: 4, note: hostile }),
      state: enumeration(['new', "nearly 'new'"]).default("nearly 'new'"),
      data: binary().default(new Uint8Array([0, 255])),
      secret: encrypted().nullable(),
    })
    await schema.run(sql`insert into everything (id) values (${id})`)
    const [row] = await rows(`select name, body, count, ratio, state, secret from everything`)
    expect(row).toMatchObject({ name: hostile, body: hostile, count: -7, ratio: 0.5, state: "nearly 'new'", secret: null })
    const matches =
      dialect === 'sqlite' ? `"at" = 1795687200123` : dialect === 'postgres' ? `"at" = '2026-11-26T10:00:00.123Z'` : "`at` = '2026-11-26 10:00:00.123'"
    expect(await rows(`select 1 as found from everything where ${matches} and big = 9007199254740993 and price = '10.50' and day = '2026-11-26'`)).toHaveLength(
      1,
    )
    await expect(schema.run(sql`insert into everything (id, state) values (${other}, ${'old'})`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    expect(await schema.hasTable('everything')).toBe(true)
    expect(await schema.hasColumn('everything', 'sold')).toBe(true)
    expect(await schema.hasColumn('everything', 'gone')).toBe(false)
    await schema.dropTable('everything')
    expect(await schema.hasTable('everything')).toBe(false)
    await schema.dropTable('everything', { ifExists: true })
  })

  test('keys count up, and foreign keys, unique columns and checks hold', async () => {
    await using opened = await open()
    const { schema, rows } = opened
    await schema.createTable('dealers', { id: integer().primary(), name: string(80).unique() })
    await schema.createTable(
      'cars',
      { dealer: integer().references('dealers', 'id', { onDelete: 'cascade' }), number: integer(), price: integer() },
      { primary: ['dealer', 'number'], unique: [['price', 'number']], checks: { price_positive: 'price > 0' } },
    )
    await schema.run(sql`insert into dealers (name) values (${'Ann'}), (${'Bob'})`)
    expect(await rows('select id, name from dealers order by id')).toEqual([
      { id: 1, name: 'Ann' },
      { id: 2, name: 'Bob' },
    ])
    await schema.run(sql`insert into cars values (1, 1, 100)`)
    await expect(schema.run(sql`insert into cars values (3, 1, 101)`)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
    await expect(schema.run(sql`insert into cars values (2, 1, 100)`)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    await expect(schema.run(sql`insert into cars values (2, 1, 0)`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    await schema.run(sql`delete from dealers where id = 1`)
    expect(await rows('select * from cars')).toEqual([])
  })

  test('adds, renames, alters and drops columns without losing rows, keys or indexes', async () => {
    await using opened = await open()
    const { schema, rows, columns, database } = opened
    await schema.createTable('dealers', { id: uuid().primary() })
    await schema.createTable('cars', { id: uuid().primary(), make: string(20), price: integer().default(5) }, { indexes: [['make', 'price']] })
    await schema.run(sql`insert into dealers values (${id})`)
    await schema.run(sql`insert into cars (id, make) values (${id}, ${'Volvo'})`)
    await schema.addColumn('cars', 'dealer', uuid().references('dealers', 'id', { onDelete: 'set null' }).nullable())
    await schema.addColumn('cars', 'state', enumeration(['new', 'used']).default('used'))
    await schema.run(sql`update cars set dealer = ${id}`)
    await expect(schema.run(sql`update cars set dealer = ${other}`)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
    await expect(schema.run(sql`update cars set state = ${'old'}`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    await schema.renameColumn('cars', 'make', 'brand')
    await schema.alterColumn('cars', 'brand', { type: string(200), nullable: true, default: 'unknown' })
    await schema.alterColumn('cars', 'state', { type: enumeration(['new', 'used', 'old']) })
    await schema.run(sql`update cars set state = ${'old'}`)
    await schema.run(sql`insert into cars (id, state) values (${other}, ${'new'})`)
    await schema.run(sql`update cars set brand = null where id = ${id}`)
    expect(await rows('select brand, price, state from cars order by id')).toEqual([
      { brand: null, price: 5, state: 'old' },
      { brand: 'unknown', price: 5, state: 'new' },
    ])
    await schema.alterColumn('cars', 'brand', { default: null })
    await schema.run(sql`update cars set brand = ${'Saab'} where brand is null`)
    await schema.alterColumn('cars', 'brand', { nullable: false })
    await expect(schema.run(sql`update cars set brand = null`)).rejects.toMatchObject({ code: 'NOT_NULL_VIOLATION' })
    await schema.run(sql`delete from dealers`)
    expect(await rows('select dealer from cars where dealer is not null')).toEqual([])
    await schema.dropColumn('cars', 'dealer')
    await schema.dropColumn('cars', 'state')
    await schema.dropColumn('cars', 'price')
    expect(await columns('cars')).toEqual(['id', 'brand'])
    await schema.renameTable('cars', 'vehicles')
    expect((await rows('select brand from vehicles order by brand')).map((row) => row['brand'])).toEqual(['Saab', 'unknown'])
    expect(database.dialect).toBe(dialect)
  })

  test('a table with the longest name is altered like any other', async () => {
    await using opened = await open()
    const { schema, rows } = opened
    const table = 't'.repeat(63)
    await schema.createTable(table, { id: integer().primary(), n: integer() })
    await schema.alterColumn(table, 'n', { nullable: true, default: 4 })
    await schema.run(sql`insert into ${sql.id(table)} (id) values (1)`)
    expect(await rows(`select n from ${table}`)).toEqual([{ n: 4 }])
  })

  test('drops columns of each type, whatever other tables are called alike', async () => {
    await using opened = await open()
    const { schema, columns } = opened
    const all = { specs: json(), notes: json().default({}).nullable(), state: enumeration(['new', "it's"]), sold: boolean(), at: timestamp(), data: binary() }
    for (const table of ['cars', 'vans']) {
      await schema.createTable(table, { id: integer().primary(), price: integer(), ...all }, { checks: { price_not_negative: 'price >= 0' } })
      if (table === 'cars') for (const name of [...Object.keys(all), 'price']) await schema.dropColumn(table, name)
    }
    expect([await columns('cars'), (await columns('vans')).length]).toEqual([['id'], 8])
    await schema.dropColumn('vans', 'price')
    expect(await columns('vans')).not.toContain('price')
  })

  test('dropping a column keeps what only has a word in common with it', async () => {
    await using opened = await open()
    const { schema } = opened
    await schema.createTable('archived', { id: integer().primary() })
    await schema.createTable(
      'cars',
      {
        id: integer().primary(),
        state: enumeration(['new', 'archived']),
        archived: boolean(),
        check: integer(),
        price: integer(),
        ref: integer().references('archived'),
      },
      { checks: { price_not_negative: 'price >= 0' } },
    )
    for (const column of ['archived', 'check']) await schema.dropColumn('cars', column)
    const insert = (state: string, price: number, ref: number) =>
      schema.run(sql`insert into cars (id, state, price, ref) values (1, ${state}, ${price}, ${ref})`)
    await schema.run(sql`insert into archived (id) values (1)`)
    await expect(insert('old', 1, 1)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    await expect(insert('new', -1, 1)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    await expect(insert('new', 1, 2)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
    await schema.dropColumn('cars', 'price')
    await schema.run(sql`insert into cars (id, state, ref) values (1, ${'archived'}, 1)`)
  })

  test('adds and drops indexes, foreign keys and checks of tables with rows', async () => {
    await using opened = await open()
    const { schema } = opened
    await schema.createTable('dealers', { id: uuid().primary() })
    await schema.createTable('cars', { id: uuid().primary(), dealer: uuid(), price: integer() })
    await schema.run(sql`insert into dealers values (${id})`)
    await schema.run(sql`insert into cars values (${id}, ${id}, 1)`)
    await schema.createIndex('cars', ['price'], { unique: true })
    await expect(schema.run(sql`insert into cars values (${other}, ${id}, 1)`)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    await schema.dropIndex('cars', ['price'], { unique: true })
    await schema.run(sql`insert into cars values (${other}, ${id}, 1)`)
    await schema.addForeignKey('cars', { columns: ['dealer'], references: 'dealers', validate: false })
    await schema.validateConstraint('cars', 'cars_dealer_foreign')
    await expect(schema.run(sql`update cars set dealer = ${other}`)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
    await schema.dropConstraint('cars', 'cars_dealer_foreign')
    await schema.run(sql`update cars set dealer = ${other}`)
    await schema.addCheck('cars', 'price_positive', 'price > 0')
    await expect(schema.run(sql`update cars set price = 0`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
    await schema.dropConstraint('cars', 'price_positive')
    await schema.run(sql`update cars set price = 0`)
    if (dialect === 'mysql') {
      await expect(schema.createIndex('cars', ['price'], { where: 'price > 0' })).rejects.toMatchObject({ code: 'SCHEMA_CHANGE_UNSUPPORTED' })
      return
    }
    await schema.createIndex('cars', ['dealer'], { unique: true, where: 'price > 0', name: 'one_priced_car' })
    await expect(schema.run(sql`update cars set price = 1`)).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' })
    await schema.dropIndex('cars', 'one_priced_car')
  })

  test('what cannot be done fails, and is never left out', async () => {
    await using opened = await open()
    const { schema } = opened
    await schema.createTable('cars', { id: uuid().primary() })
    await expect(schema.dropColumn('cars', 'gone')).rejects.toThrow(/gone/)
    await expect(schema.alterColumn('cars', 'gone', { nullable: true })).rejects.toThrow(/gone/)
    await expect(schema.alterColumn('gone', 'id', { nullable: true })).rejects.toThrow(/gone/)
    await expect(schema.dropConstraint('cars', 'gone')).rejects.toThrow(/gone/)
    await expect(schema.createTable('cars', { id: uuid().primary() })).rejects.toThrow(/cars/)
    await schema.createTable('cars', { id: uuid().primary() }, { ifNotExists: true })
    await expect(schema.alterColumn('cars', 'id', { type: string().nullable().unique() })).rejects.toMatchObject({
      code: 'SCHEMA_ALTERATION_UNCLEAR',
      detail: expect.stringContaining('nullable(), unique()') as string,
    })
    await expect(schema.createTable('nul', { name: string().default('a\0b') })).rejects.toMatchObject({ code: 'SCHEMA_VALUE_INVALID' })
    await expect(schema.createTable('nan', { n: float().default(Number.NaN) })).rejects.toMatchObject({ code: 'SCHEMA_VALUE_INVALID' })
    if (dialect !== 'postgres') await expect(schema.addColumn('cars', 'n', integer().primary())).rejects.toMatchObject({ code: 'SCHEMA_CHANGE_UNSUPPORTED' })
  })
})

test('SQLite writes a table anew with everything that it does not change, and names what is missing: SCHEMA_OBJECT_MISSING, SCHEMA_REBUILD_REFUSED', async () => {
  const databases = await openTestDatabase('sqlite::memory:')
  const database = databases.default
  const rows = async (text: string) => toObjects(await database.execute(text, []))
  const schema = createSchema(liveTarget(overDatabase(database)))
  await schema.sql(`
    create table cars (
      id integer primary key autoincrement, -- the key; counted
      [odd ,name] text collate nocase default ('a,b') check (length("odd ,name") > 0),
      price int constraint priced not null default (1 + 1),
      doubled int generated always as (price * 2) stored,
      unique (price, "odd ,name") on conflict replace
    ) strict;
    create table log (n integer);
    create index cars_price on cars (price desc) where price > 1;
    create trigger cars_logged after insert on cars begin insert into log values (new.price); end;
    create view cheap as select id from cars where price < 10;
    insert into cars (price) values (3);
  `)
  await schema.alterColumn('cars', 'price', { default: 7, nullable: true })
  await schema.run(sql`insert into cars ("odd ,name") values (${'x'})`)
  expect(await rows('select id, "odd ,name" as odd, price, doubled from cars')).toEqual([
    { id: 1, odd: 'a,b', price: 3, doubled: 6 },
    { id: 2, odd: 'x', price: 7, doubled: 14 },
  ])
  expect(await rows('select n from log')).toEqual([{ n: 3 }, { n: 7 }])
  expect(await rows('select id from cheap')).toHaveLength(2)
  expect(await rows(`select sql from sqlite_schema where name = 'cars_price'`)).toEqual([
    { sql: 'CREATE INDEX cars_price on cars (price desc) where price > 1' },
  ])
  await schema.run(sql`insert into cars ("odd ,name", price) values (${'X'}, 7)`)
  expect(await rows('select id from cars')).toEqual([{ id: 1 }, { id: 3 }])
  await expect(schema.run(sql`update cars set "odd ,name" = ''`)).rejects.toMatchObject({ code: 'CHECK_VIOLATION' })
  await expect(schema.alterColumn('cars', 'colour', { nullable: true })).rejects.toMatchObject({
    code: 'SCHEMA_OBJECT_MISSING',
    detail: expect.stringContaining('the columns id, odd ,name, price, doubled') as string,
  })
  await schema.sql('create table wheels (car integer references cars (id) on delete cascade)')
  await expect(schema.alterColumn('cars', 'price', { nullable: false })).rejects.toMatchObject({
    code: 'SCHEMA_REBUILD_REFUSED',
    detail: expect.stringContaining('wheels') as string,
  })
  await databases.stop()
})
