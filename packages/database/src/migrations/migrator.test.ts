import { describe, expect, test } from 'vitest'
import { boolean, integer, string, text, timestamp, uuid } from '../columns/index.ts'
import type { ManagedDatabase } from '../connection/create-database.ts'
import type { OpenDatabases } from '../extension/open-databases.ts'
import { liveColumns } from '../schema/live-columns.ts'

import { sql } from '../sql/sql.ts'
import { openTestDatabase } from '../testing/open-test-database.ts'
import { describeDialects } from '../testing/describe-dialects.ts'
import type { TestDatabase } from '../testing/test-database.ts'
import { migration, type Migration } from './migration.ts'
import { withMigrationLock } from './lock/migration-lock.ts'
import { createMigrator } from './migrator.ts'

const dealers = migration('20260101000000_dealers', {
  up: (schema) => schema.createTable('dealers', { id: uuid().primary(), name: string(80).unique() }),
  down: (schema) => schema.dropTable('dealers'),
})
const cars = migration('20260102000000_cars', {
  up: async (schema) => {
    await schema.createTable(
      'cars',
      {
        id: uuid().primary(),
        make: string(),
        price: integer().default(0),
        sold: boolean().default(false),
        dealer: uuid().references('dealers', 'id', { onDelete: 'cascade' }),
      },
      { indexes: [['make', 'price']], checks: { price_not_negative: 'price >= 0' } },
    )
    await schema.run(sql`insert into dealers (id, name) values (${'0198c5a0-0000-7000-8000-000000000001'}, ${"Ann's"})`)
  },
  down: async (schema) => {
    await schema.dropTable('cars')
    await schema.run(sql`delete from dealers`)
  },
})
const notes = migration('20260103000000_notes', {
  up: (schema) => schema.createTable('notes', { id: integer().primary(), body: text(), at: timestamp().nullable() }),
  down: (schema) => schema.dropTable('notes'),
})

await describeDialects(describe, ({ dialect, open: openEmpty }) => {
  let scratch: TestDatabase
  let databases: OpenDatabases
  let database: ManagedDatabase
  const open = async () => {
    scratch = await openEmpty()
    databases = await openTestDatabase(scratch.url)
    database = databases.default
    return {
      async [Symbol.asyncDispose]() {
        await databases.stop()
        await scratch.close()
      },
    }
  }
  const migrator = (...migrations: Migration[]) => createMigrator({ database, migrations })
  const columns = (table: string) =>
    liveColumns(dialect, table, async (query, params = []) => {
      const { rows } = await database.execute(query, params)
      return rows.map(([name]) => ({ name }))
    })

  test('runs what is pending in the order of the names, once, and undoes it', async () => {
    await using _ = await open()
    const all = migrator(notes, cars, dealers)
    expect((await all.status()).map(({ name, state }) => [name, state])).toEqual([
      [dealers.name, 'pending'],
      [cars.name, 'pending'],
      [notes.name, 'pending'],
    ])
    expect((await all.up()).map((step) => step.name)).toEqual([dealers.name, cars.name, notes.name])
    expect(await all.up()).toEqual([])
    expect(await columns('cars')).toEqual(['id', 'make', 'price', 'sold', 'dealer'])
    const [first] = await all.status()
    expect(first).toMatchObject({ state: 'applied', applied: { version: '20260101000000', batch: 1 } })
    expect(first?.applied?.checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(Math.abs(Date.now() - (first?.applied?.appliedAt.getTime() ?? 0))).toBeLessThan(60_000)
    expect((await all.rollback(2)).map((step) => step.name)).toEqual([notes.name, cars.name])
    expect(await columns('cars')).toEqual([])
    expect((await all.up()).map((step) => step.name)).toEqual([cars.name, notes.name])
    expect((await all.rollback()).map((step) => step.name)).toEqual([notes.name, cars.name])
    expect((await all.reset()).map((step) => step.name)).toEqual([dealers.name])
    expect(await columns('dealers')).toEqual([])
    expect((await all.fresh()).length).toBe(3)
  })

  test('a failed migration leaves the schema as it was, and those before it in place: MIGRATION_FAILED', async () => {
    await using _ = await open()
    const broken = migration('20260104000000_broken', {
      up: async (schema) => {
        await schema.createTable('half', { id: uuid().primary() })
        await schema.addColumn('dealers', 'city', string().nullable())
        await schema.sql('insert into nowhere values (1)')
      },
    })
    const failing = migrator(dealers, broken)
    await expect(failing.up()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      detail: expect.stringMatching(
        dialect === 'mysql' ? /insert into nowhere.*MySQL commits.*create table `half`/s : /insert into nowhere.*was rolled back/s,
      ) as string,
    })
    expect((await failing.status()).map(({ state }) => state)).toEqual(['applied', 'pending'])
    if (dialect !== 'mysql') {
      expect(await columns('half')).toEqual([])
      expect(await columns('dealers')).toEqual(['id', 'name'])
    }
  })

  test('one that was changed after it was applied is refused with both checksums, and nothing runs: MIGRATION_CHANGED', async () => {
    await using _ = await open()
    await migrator(dealers).up()
    const [applied] = await migrator(dealers).status()
    const edited = migration(dealers.name, { ...dealers, up: (schema) => schema.createTable('dealers', { id: uuid().primary(), name: string(81).unique() }) })
    const changed = migrator(edited, notes)
    const [status] = await changed.status()
    expect(status).toMatchObject({ state: 'changed' })
    await expect(changed.up()).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
      detail: expect.stringContaining(`its checksum was ${applied?.checksum} and is ${status?.checksum} now`) as string,
    })
    expect(await columns('notes')).toEqual([])
  })

  test('applied ones that the application does not know are reported, and not rolled back: MIGRATION_UNKNOWN, MIGRATION_IRREVERSIBLE', async () => {
    await using _ = await open()
    await migrator(dealers, notes).up()
    const later = migration('20260105000000_later', { up: (schema) => schema.createTable('later', { id: uuid().primary() }) })
    const one = migrator(dealers, later)
    expect((await one.status()).map(({ name, state }) => [name, state])).toEqual([
      [dealers.name, 'applied'],
      [notes.name, 'unknown'],
      [later.name, 'pending'],
    ])
    expect((await one.up()).map((step) => step.name)).toEqual([later.name])
    await expect(one.reset()).rejects.toMatchObject({ code: 'MIGRATION_UNKNOWN' })
    await expect(one.rollback(1)).rejects.toMatchObject({ code: 'MIGRATION_IRREVERSIBLE' })
    expect(await columns('later')).toEqual(['id'])
  })

  test('waits for another process, but not for ever: MIGRATION_LOCKED', async () => {
    await using _ = await open()
    const second = await openTestDatabase(scratch.url)
    await withMigrationLock(second.default, 1_000, async (lock) => {
      await lock.check()
      await expect(createMigrator({ database, migrations: [dealers], wait: 50 }).up()).rejects.toMatchObject({ code: 'MIGRATION_LOCKED' })
    })
    expect(await migrator(dealers).up()).toHaveLength(1)
    await second.stop()
  })

  test('changes data in batches without a transaction where the migration says so', async () => {
    await using _ = await open()
    const seen: string[] = []
    const batches = migration('20260104000000_batches', {
      transaction: false,
      up: async (schema) => {
        await schema.run(sql`insert into dealers (id, name) values (${'0198c5a0-0000-7000-8000-00000000000a'}, ${'a'})`)
        seen.push(...(await schema.all<{ name: string }>(sql`select name from dealers`)).map((row) => row.name))
        await schema.run(sql`insert into nowhere values (1)`)
      },
    })
    await expect(migrator(dealers, batches).up()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      detail: expect.stringContaining('without a transaction') as string,
    })
    expect(seen).toEqual(['a'])
  })
})

await describeDialects(
  describe,
  ({ open }) => {
    test('a lock that went with its connection stops the run: MIGRATION_LOCK_LOST', async () => {
      await using scratch = await open()
      const databases = await openTestDatabase(scratch.url)
      const locks = withMigrationLock(databases.default, 1_000, async (lock) => {
        await lock.check()
        const holders = await databases.default.all<{ id: number }>(
          sql`select id from information_schema.processlist where db = database() and id <> connection_id()`,
        )
        for (const { id } of holders) await databases.default.script(`kill ${id}`)
        await lock.check()
      })
      await expect(locks).rejects.toMatchObject({ code: 'MIGRATION_LOCK_LOST' })
      await databases.stop()
    })
  },
  ['mysql'],
)

test('SQLite: rows that would refer to nothing stop a table from being written anew: MIGRATION_BREAKS_REFERENCES', async () => {
  const databases = await openTestDatabase('sqlite::memory:')
  const database = databases.default
  const rebuild = migration('20260104000000_rebuild', {
    up: async (schema) => {
      await schema.alterColumn('dealers', 'name', { nullable: true })
      await schema.run(sql`delete from dealers`)
    },
  })
  await createMigrator({ database, migrations: [dealers, cars] }).up()
  await database.run(sql`insert into cars (id, make, dealer) values ('c', 'Volvo', '0198c5a0-0000-7000-8000-000000000001')`)
  const failing = createMigrator({ database, migrations: [dealers, cars, rebuild] })
  await expect(failing.up()).rejects.toMatchObject({ code: 'MIGRATION_FAILED', cause: { code: 'MIGRATION_BREAKS_REFERENCES' } })
  const altered = migration(rebuild.name, { up: (schema) => schema.alterColumn('dealers', 'name', { nullable: true }) })
  await createMigrator({ database, migrations: [dealers, cars, altered] }).up()
  // Nothing was lost, and foreign keys are enforced again.
  expect(await database.all(sql`select make from cars`)).toEqual([{ make: 'Volvo' }])
  await expect(database.run(sql`update cars set dealer = 'x'`)).rejects.toMatchObject({ code: 'FOREIGN_KEY_VIOLATION' })
  await databases.stop()
})
