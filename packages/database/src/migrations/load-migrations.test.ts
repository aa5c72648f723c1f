import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL, fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collectMigrations } from './collect-migrations.ts'
import { loadMigrations } from './load-migrations.ts'
import { migrationName } from './migration-name.ts'
import { migration } from './migration.ts'
import { checksumOf, recordChanges } from './record-changes.ts'
import { parseSqlMigration } from './sql-migration.ts'

let folder = ''
// Within the sources, so that what the files import is found.
beforeEach(() => void (folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.load-test-'))))
afterEach(() => rmSync(folder, { recursive: true }))
const write = (file: string, text: string) => writeFileSync(join(folder, file), text)

const typescript = (name: string) => `import { uuid } from '../../columns/index.ts'
import { migration } from '../migration.ts'
export default migration('${name}', { up: (schema) => schema.createTable('cars', { id: uuid().primary() }) })`

describe('a folder of migrations', () => {
  test('holds TypeScript and SQL files, in the order of their names, with checksums that line ends do not change', async () => {
    write('20260102000000_cars.ts', typescript('20260102000000_cars'))
    write('20260101000000_dealers.sql', '-- up\r\ncreate table dealers (id text);\r\n-- down\r\ndrop table dealers;\r\n')
    write('20260103000000_only.postgres.sql', '-- up\ncreate extension citext')
    write('README.md', 'Not a migration')
    const found = await loadMigrations(pathToFileURL(`${folder}/`), 'sqlite')
    expect(found.map(({ name }) => name)).toEqual(['20260101000000_dealers', '20260102000000_cars'])
    expect((await loadMigrations(folder, 'postgres')).map(({ name }) => name)).toHaveLength(3)
    write('20260101000000_dealers.sql', '-- up\ncreate table dealers (id text);\n-- down\ndrop table dealers;\n')
    expect((await loadMigrations(folder, 'sqlite'))[0]?.checksum).toBe(found[0]?.checksum)
    write('20260101000000_dealers.sql', '-- up\ncreate table dealers (id int);\n-- down\ndrop table dealers;\n')
    expect((await loadMigrations(folder, 'sqlite'))[0]?.checksum).not.toBe(found[0]?.checksum)
  })

  test('refuses what it cannot use: MIGRATIONS_FOLDER_MISSING, MIGRATION_NAME_INVALID, MIGRATION_INVALID', async () => {
    await expect(loadMigrations(join(folder, 'nowhere'), 'sqlite')).rejects.toMatchObject({ code: 'MIGRATIONS_FOLDER_MISSING' })
    write('20260102000000_cars.ts', typescript('20260102000000_bikes'))
    await expect(loadMigrations(folder, 'sqlite')).rejects.toMatchObject({
      code: 'MIGRATION_INVALID',
      detail: expect.stringContaining("calls itself '20260102000000_bikes'") as string,
    })
    write('20260102000000_cars.ts', 'export default 1')
    await expect(loadMigrations(folder, 'sqlite')).rejects.toMatchObject({ code: 'MIGRATION_INVALID' })
    write('cars.sql', '-- up\nselect 1')
    rmSync(join(folder, '20260102000000_cars.ts'))
    await expect(loadMigrations(folder, 'sqlite')).rejects.toMatchObject({ code: 'MIGRATION_NAME_INVALID' })
  })

  test('is joined by those of the extensions; a name that comes twice is refused: MIGRATION_TWICE', async () => {
    write('20260102000000_cars.ts', typescript('20260102000000_cars'))
    const jobs = migration('20260101000000_jobs', { up: (schema) => schema.sql('create table jobs (id text)') })
    const found = await collectMigrations({ folder, extensions: [{ name: 'queue', migrations: [jobs] }] }, 'sqlite')
    expect(found.map(({ name }) => name)).toEqual(['20260101000000_jobs', '20260102000000_cars'])
    const twice = {
      folder: undefined,
      extensions: [
        { name: 'queue', migrations: [jobs] },
        { name: 'other', migrations: [jobs] },
      ],
    }
    await expect(collectMigrations(twice, 'sqlite')).rejects.toMatchObject({
      code: 'MIGRATION_TWICE',
      detail: 'The migration 20260101000000_jobs comes from the extension queue and from the extension other.',
    })
  })
})

describe('a migration in SQL', () => {
  test('has halves and remarks', async () => {
    const found = parseSqlMigration(
      '20260101000000_a',
      '-- why it is there\n-- transaction: false\n-- safe: the table is empty\n-- UP\nselect 1;\n--down\n\nselect 2;',
    )
    expect(found).toMatchObject({ transaction: false, safe: 'the table is empty' })
    expect((await recordChanges(found, 'up', 'sqlite')).changes).toEqual([{ kind: 'sql', sql: '\n\n\n\nselect 1;' }])
    expect((await recordChanges(found, 'down', 'sqlite')).changes).toEqual([{ kind: 'sql', sql: '\n\n\n\n\n\n\nselect 2;' }])
    expect(parseSqlMigration('20260101000000_a', '-- up\nselect 1\n-- down\n').down).toBeUndefined()
  })

  test.each([
    ['select 1', /line 1 stands before '-- up'/],
    ['-- up\n\n-- down\nselect 1', /nothing below '-- up'/],
    ['-- up\nselect 1\n-- up\nselect 2', /line 3 starts a second '-- up'/],
    ['-- transaction: no\n-- up\nselect 1', /neither true nor false/],
    ['-- safe:\n-- up\nselect 1', /`safe` is empty/],
  ])('%j is refused', (script, message) => {
    expect(() => parseSqlMigration('20260101000000_a', script)).toThrow(message)
  })
})

test('names carry the time they were made at', () => {
  expect(migrationName('AddPrice to-cars', new Date('2026-11-26T10:11:12.999Z'))).toBe('20261126101112_add_price_to_cars')
  for (const words of ['../etc', '', 'a/b', 'ä', 'a'.repeat(200)]) expect(() => migrationName(words, new Date())).toThrow('MIGRATION_NAME_INVALID')
  expect(() => migration('cars', { up: async () => undefined })).toThrow('MIGRATION_NAME_INVALID')
})

test('one that came as a value has a checksum of its changes, however it is written', async () => {
  const make = (text: string, down = 'drop table a') =>
    migration('20260101000000_a', {
      up: (schema) => schema.sql(text),
      down: async (schema) => {
        await schema.sql(down)
      },
    })
  const checksum = await checksumOf(make('create table a (b int)'), 'sqlite')
  const same = migration('20260101000000_a', { up: async (s) => s.sql('create table a (b int)'), down: (s) => s.sql('drop table a') })
  expect(await checksumOf(same, 'sqlite')).toBe(checksum)
  expect(await checksumOf(make('create table a (b text)'), 'sqlite')).not.toBe(checksum)
  expect(await checksumOf(make('create table a (b int)', 'drop table b'), 'sqlite')).not.toBe(checksum)
})
