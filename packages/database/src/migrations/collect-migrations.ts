import type { Extension } from 'glueful'
import { fail } from '../errors.ts'
import type { Dialect } from '../sql/dialect.ts'
import { loadMigrations } from './load-migrations.ts'
import type { Migration } from './migration.ts'

export interface MigrationSources {
  /** Of the application; none where it is undefined. */
  readonly folder: string | URL | undefined
  readonly extensions: readonly Extension[]
}

/**
 * The migrations of an application and its extensions, in the order of their names.
 * @throws `MIGRATION_TWICE`
 */
export async function collectMigrations({ folder, extensions }: MigrationSources, dialect: Dialect): Promise<Migration[]> {
  const own = folder === undefined ? [] : await loadMigrations(folder, dialect)
  const found = [
    ...extensions.flatMap(({ name, migrations = [] }) => migrations.map((migration) => ({ migration, source: `the extension ${name}` }))),
    ...own.map((migration) => ({ migration, source: 'the application' })),
  ]
  const sources = new Map<string, string>()
  for (const { migration, source } of found) {
    const first = sources.get(migration.name)
    if (first !== undefined) throw fail('MIGRATION_TWICE', { name: migration.name, first, second: source })
    sources.set(migration.name, source)
  }
  return found.map(({ migration }) => migration).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
