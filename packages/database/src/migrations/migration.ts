import { fail } from '../errors.ts'
import type { Schema } from '../schema/schema.ts'
import { requireMigrationName } from './migration-name.ts'

export interface MigrationSteps {
  readonly up: (schema: Schema) => Promise<void>
  /** Undoes `up`; a migration without it cannot be rolled back. */
  readonly down?: (schema: Schema) => Promise<void>
  /**
   * Default: true, where the database can (SQLite, PostgreSQL; MySQL commits each change of the schema by itself). False for
   * what refuses to run in a transaction, such as `concurrently`, and for data that is changed in batches.
   */
  readonly transaction?: boolean
  /** Why it may run in production although the safety lint objects; shown in its report. */
  readonly safe?: string
}

/** One step of the schema's history; made by `migration` or from a SQL file. */
export interface Migration extends MigrationSteps {
  readonly kind: 'migration'
  readonly name: string
  /** SHA-256 of the file that it was read from; of its changes where it came without a file. */
  readonly checksum?: string
}

/**
 * A change of the schema, and how to undo it. Its name starts with the time it was written and is the name of its file;
 * the migrations of an application and its extensions run in the order of their names.
 *
 * @example
 * export default migration('20261126100000_cars', {
 *   up: (schema) => schema.createTable('cars', { id: uuid().primary(), make: string() }, { indexes: [['make']] }),
 *   down: (schema) => schema.dropTable('cars'),
 * })
 *
 * @throws `MIGRATION_NAME_INVALID`
 */
export function migration(name: string, steps: MigrationSteps): Migration {
  requireMigrationName(name)
  if (steps.safe?.trim() === '') throw fail('MIGRATION_INVALID', { name, problem: '`safe` is empty; it is the reason why the lint may be overruled' })
  return { kind: 'migration', name, ...steps }
}

declare module 'glueful' {
  interface Extension {
    /** Tables that the extension keeps; run by `glueful migrate` with those of the application, in the order of their names. */
    readonly migrations?: readonly Migration[]
  }
}
