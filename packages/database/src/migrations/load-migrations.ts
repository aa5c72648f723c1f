import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail } from '../errors.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { Migration } from './migration.ts'
import { requireMigrationName } from './migration-name.ts'
import { parseSqlMigration } from './sql-migration.ts'

const ending = /^(.+?)(?:\.(sqlite|postgres|mysql))?\.(ts|mts|js|mjs|sql)$/

/** The migrations of a folder, in the order of their names. TypeScript and JavaScript files are imported, SQL files read. */
export async function loadMigrations(folder: string | URL, dialect: Dialect): Promise<Migration[]> {
  const path = typeof folder === 'string' ? resolve(folder) : fileURLToPath(folder)
  let files: string[]
  try {
    files = await readdir(path)
  } catch (cause) {
    throw fail('MIGRATIONS_FOLDER_MISSING', { folder: path }, { cause })
  }
  const found = files.toSorted().flatMap((file) => {
    const [, name, only, type] = ending.exec(file) ?? []
    if (name === undefined || file.endsWith('.d.ts') || /\.test\.[a-z]+$/.test(file)) return []
    return only === undefined || only === dialect ? [{ file, name, isSql: type === 'sql' }] : []
  })
  return Promise.all(
    found.map(async ({ file, name, isSql }) => {
      requireMigrationName(name)
      const source = await readFile(join(path, file), 'utf8')
      const loaded = isSql ? parseSqlMigration(name, source) : await importMigration(join(path, file), name)
      return { ...loaded, checksum: checksumOf(source) }
    }),
  )
}

/** The same for a file with the line ends of another system. */
function checksumOf(source: string): string {
  return createHash('sha256').update(source.replaceAll('\r\n', '\n')).digest('hex')
}

async function importMigration(file: string, name: string): Promise<Migration> {
  const { default: value } = (await import(pathToFileURL(file).href)) as { default?: Partial<Migration> }
  if (value?.kind !== 'migration') throw fail('MIGRATION_INVALID', { name, problem: 'its file has no migration as default export' })
  if (value.name !== name) throw fail('MIGRATION_INVALID', { name, problem: `it calls itself '${value.name}', unlike its file` })
  return value as Migration
}
