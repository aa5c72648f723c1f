import type { AppliedMigration } from './migration-history.ts'
import type { Migration } from './migration.ts'

export type MigrationState = 'applied' | 'pending' | 'changed' | 'unknown'

/** Where one migration stands. */
export interface MigrationStatus {
  readonly name: string
  /** `changed`: not what was applied; `unknown`: applied, but not part of the application. */
  readonly state: MigrationState
  readonly applied: AppliedMigration | undefined
  /** Of a changed one: what it is now. */
  readonly checksum: string | undefined
}

/** A migration with the checksum that it has now. */
export interface KnownMigration {
  readonly migration: Migration
  readonly checksum: string
}

/** Compares what is known with what was applied, in the order of the names. */
export function planMigrations(known: readonly KnownMigration[], history: readonly AppliedMigration[]): MigrationStatus[] {
  const applied = new Map(history.map((row) => [row.name, row]))
  const found = known.map(({ migration: { name }, checksum }): MigrationStatus => {
    const row = applied.get(name)
    applied.delete(name)
    const state = row === undefined ? 'pending' : row.checksum === checksum ? 'applied' : 'changed'
    return { name, state, applied: row, checksum }
  })
  const unknown = [...applied.values()].map((row): MigrationStatus => ({ name: row.name, state: 'unknown', applied: row, checksum: undefined }))
  return [...found, ...unknown].toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
