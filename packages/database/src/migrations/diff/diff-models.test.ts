import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  bigint,
  binary,
  boolean,
  date,
  decimal,
  encrypted,
  enumeration,
  float,
  integer,
  json,
  softDeletes,
  string,
  text,
  timestamp,
  timestamps,
  uuid,
  type Columns,
} from '../../columns/index.ts'
import type { ManagedDatabase } from '../../connection/create-database.ts'
import { modelsOf } from '../../schema/model-tables.ts'
import { describeDialects } from '../../testing/describe-dialects.ts'
import { loadMigrations } from '../load-migrations.ts'
import { migration } from '../migration.ts'
import { createMigrator } from '../migrator.ts'
import { diffModels } from './diff-models.ts'
import { renderDiff } from './render-diff.ts'

const model = (table: string, columns: Columns) =>
  class {
    static readonly table = table
    static readonly columns = columns
  }

const first = modelsOf({
  // Before what it refers to.
  Car: model('cars', {
    id: uuid().primary(),
    make: string(80),
    vin: string(17).unique(),
    state: enumeration(['new', 'used']).default('used'),
    dealer: uuid().references('dealers', 'id', { onDelete: 'cascade' }),
    buyer: uuid().references('people').nullable(),
    price: decimal(12, 2).default('0.00'),
    legacy: string().nullable(),
    colour: string(40).index(),
    stock: integer().default(1),
    notes: text().nullable(),
    ...timestamps(),
    ...softDeletes(),
  }),
  Dealer: model('dealers', { id: uuid().primary(), name: string(80), rank: bigint().default(5n), opened: date().nullable() }),
  // In a circle with cars.
  Person: model('people', {
    id: uuid().primary(),
    secret: encrypted().nullable(),
    'odd name': boolean().default(true),
    favourite: uuid().nullable().references('cars', 'id', { onDelete: 'set null' }),
  }),
  Everything: model('everything', {
    id: integer().primary(),
    body: text().default("it's"),
    ratio: float().default(0.5),
    at: timestamp().default(new Date('2026-01-02T03:04:05.678Z')),
    specs: json().default({ b: [1, 'x'], a: 4 }),
    data: binary().nullable(),
    version: integer().version(),
  }),
})
const second = modelsOf({
  Car: model('cars', {
    id: uuid().primary(),
    make: string(200).nullable(),
    vin: string(17),
    state: enumeration(['new', 'used', "sold 'out'", 'back\\slash', '🚗']).default('🚗'),
    dealer: uuid().references('dealers'),
    buyer: uuid().nullable(),
    price: decimal(14, 2),
    colour: string(40).unique(),
    stock: bigint().default(2n),
    notes: text().nullable(),
    trim: string().nullable(),
    owner: uuid().nullable().references('people', 'id', { onDelete: 'set null' }).index(),
    ...timestamps(),
    ...softDeletes(),
  }),
  Dealer: first[1],
  Person: model('people', {
    id: uuid().primary(),
    secret: encrypted().nullable(),
    'odd name': boolean().default(false),
    favourite: uuid().nullable().references('cars', 'id', { onDelete: 'set null' }),
    boss: uuid().nullable().references('people'),
  }),
  Everything: first[3],
  Photo: model('photos', { id: integer().primary(), car: uuid().references('cars', 'id', { onDelete: 'cascade' }) }),
})

await describeDialects(describe, ({ dialect, open }) => {
  test('what the diff writes makes the database as the models say, from nothing and from an earlier state', async () => {
    await using scratch = await open()
    const database = scratch.db as ManagedDatabase
    // Within the sources, so that what the files import is found.
    const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.diff-test-'))
    const apply = async (name: string, models: typeof first) => {
      const source = renderDiff(name, await diffModels(database, models, []))
      writeFileSync(join(folder, `${name}.ts`), source)
      await createMigrator({ database, migrations: await loadMigrations(folder, dialect) }).up()
      return source
    }
    try {
      await apply('20260101000000_first', first)
      expect(await diffModels(database, first, [])).toEqual({ differences: [], notes: [] })
      const source = await apply('20260102000000_second', second)
      expect(source).toContain("// If cars.legacy is called trim now, instead of adding and dropping: await schema.renameColumn('cars', 'legacy', 'trim')")
      expect(await diffModels(database, second, [])).toEqual({ differences: [], notes: [] })
      const all = createMigrator({ database, migrations: await loadMigrations(folder, dialect) })
      await all.rollback(1)
      // What was dropped comes back without its values and defaults, and so nullable.
      const left = (await diffModels(database, first, [])).differences.map(({ up }) => up.replaceAll(/\s+/g, ' '))
      expect(
        left.every((up) => up.startsWith("await schema.alterColumn('cars'") || up.startsWith("await schema.alterColumn('people', 'odd name', { default")),
      ).toBe(true)
      expect((await all.reset()).length).toBe(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('what SQL for all databases makes is as the models say', async () => {
    await using scratch = await open()
    const database = scratch.db as ManagedDatabase
    const cars = migration('20260101000000_cars', {
      up: (schema) => schema.sql('create table cars (id varchar(36) not null primary key, make varchar(80) not null, price int, ratio double precision)'),
    })
    await createMigrator({ database, migrations: [cars] }).up()
    const models = modelsOf({
      Car: model('cars', { id: string(36).primary(), make: string(80), price: integer().nullable(), ratio: float().nullable() }),
    })
    expect(await diffModels(database, models, [])).toEqual({ differences: [], notes: [] })
  })

  test('tables of others are left alone; those without a model are noted', async () => {
    await using scratch = await open()
    const database = scratch.db as ManagedDatabase
    const jobs = migration('20260101000000_jobs', {
      up: (schema) => schema.createTable('jobs', { id: uuid().primary() }),
      down: (schema) => schema.dropTable('jobs'),
    })
    const old = migration('20260102000000_old', {
      up: async (schema) => {
        await schema.createTable('old_cars', { id: uuid().primary() })
        await schema.createTable('dealers', { id: uuid().primary(), name: string(80) }, { indexes: [['name', 'id']], checks: { named: 'length(name) > 0' } })
      },
    })
    await createMigrator({ database, migrations: [jobs, old] }).up()
    const models = modelsOf({ Dealer: model('dealers', { id: uuid().primary(), name: string(80) }) })
    const { differences, notes } = await diffModels(database, models, [jobs])
    expect(differences).toEqual([])
    expect(notes).toEqual(["The table old_cars has no model. Where nothing uses it: await schema.dropTable('old_cars')"])
  })
})
