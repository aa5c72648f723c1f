import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createApp, type GluefulError } from 'glueful'
import { database, integer, migration, string, text, uuid, type Migration } from '@glueful/database'
import { databaseServers, testDatabase } from '@glueful/database/testing'
import { expect, test } from 'vitest'
import { loadMigrations } from '../packages/database/src/migrations/load-migrations.ts'

type Dialect = 'sqlite' | 'postgres' | 'mysql'

const corpus = fileURLToPath(new URL('./migrations/', import.meta.url))

/** What the release that is running uses. */
class Car {
  static readonly table = 'cars'
  static readonly columns = {
    id: uuid().primary(),
    make: string(80),
    model: string(80).nullable(),
    price: integer(),
    dealer_id: uuid().nullable(),
    sold: integer(),
  }
}
class Dealer {
  static readonly table = 'dealers'
  static readonly columns = { id: uuid().primary(), name: string(80), city: string(80).nullable() }
}

const before = migration('20250101000000_before', {
  up: async (schema) => {
    await schema.createTable('dealers', Dealer.columns)
    await schema.createTable('cars', { ...Car.columns, legacy: text().nullable() })
    await schema.createIndex('cars', ['price'], { name: 'cars_price_old' })
    if (schema.dialect !== 'postgres') return
    await schema.addForeignKey('cars', { columns: ['dealer_id'], references: 'dealers', validate: false })
    await schema.addCheck('cars', 'model_known', 'model is not null', { validate: false })
  },
  down: async (schema) => {
    await schema.dropTable('cars')
    await schema.dropTable('dealers')
  },
})

const servers = await databaseServers()

/** The files of one half, each with the databases that it is for. */
function entries(half: 'safe' | 'unsafe') {
  return readdirSync(join(corpus, half))
    .toSorted()
    .map((file) => {
      const only = /\.(sqlite|postgres|mysql)\.\w+$/.exec(file)?.[1] as Dialect | undefined
      const source = readFileSync(join(corpus, half, file), 'utf8')
      return { file, name: file.replace(/\..*$/, ''), dialect: only ?? 'sqlite', expects: /expects: (\S+)/.exec(source)?.[1] }
    })
}

/** Starts an application in production that migrates on start; resolves to what stopped it. */
async function release(url: string, migrations: readonly Migration[]): Promise<GluefulError | undefined> {
  const app = createApp({
    name: 'shop',
    routes: {},
    extensions: [{ name: 'corpus', migrations }, database({ models: { Car, Dealer }, migrateOnStart: true })],
  }).with({ environment: 'production', env: { DATABASE_URL: url, LOG_LEVEL: 'fatal' } })
  try {
    await app.ready()
    return undefined
  } catch (error) {
    return (error as { cause?: unknown }).cause as GluefulError
  } finally {
    await app.close()
  }
}

test('the corpus has 20 unsafe and 20 safe migrations', () => {
  expect(entries('unsafe')).toHaveLength(20)
  expect(entries('safe')).toHaveLength(20)
})

for (const half of ['unsafe', 'safe'] as const) {
  for (const { file, name, dialect, expects } of entries(half)) {
    const server = servers.find((candidate) => candidate.dialect === dialect)
    test.skipIf(server?.reachable !== true)(`${half}: ${file} on ${server?.title}`, async () => {
      await using scratch = await testDatabase(dialect)
      expect(await release(scratch.url, [{ ...before, safe: 'nothing is there yet' }])).toBeUndefined()
      const found = (await loadMigrations(join(corpus, half), dialect)).filter((candidate) => candidate.name === name)
      expect(found).toHaveLength(1)
      const stopped = await release(scratch.url, [{ ...before, safe: 'nothing is there yet' }, ...found])
      const applied = await scratch.db.execute(`select name from schema_migrations where name in ('${before.name}', '${name}')`, [])
      if (half === 'safe') {
        expect(stopped).toBeUndefined()
        expect(applied.rows).toHaveLength(2)
      } else {
        // MIGRATION_UNSAFE, for the reason that the file is there for, and nothing was run.
        expect(stopped).toMatchObject({ code: 'MIGRATION_UNSAFE', detail: expect.stringContaining(`error ${expects}:`) as string })
        expect(applied.rows).toHaveLength(1)
      }
    })
  }
}
