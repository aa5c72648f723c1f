import { GluefulError } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { fail } from '../errors.ts'
import { changesSchema } from '../lint/changes-schema.ts'
import { needsRebuild } from '../schema/dialects/sqlite-rebuild.ts'
import { createSchema } from '../schema/schema.ts'
import { liveTarget, overDatabase, overSession, type MigrationConnection, type Progress } from './migration-connection.ts'
import type { Migration } from './migration.ts'
import { recordChanges } from './record-changes.ts'

export interface MigrationRun {
  readonly migration: Migration
  readonly direction: 'up' | 'down'
  /** Most time to wait for a lock on a table, in ms; 0 waits for ever. */
  readonly lockTimeout: number
  /** Writes down what was done, as part of it where the database can. */
  readonly note: (connection: MigrationConnection, durationMs: number) => Promise<void>
}

/** Runs one migration one way; resolves to how long it took, in ms. */
export async function runMigration(database: ManagedDatabase, run: MigrationRun): Promise<number> {
  const { migration, direction } = run
  const started = performance.now()
  const progress: Progress = { done: [], current: undefined }
  const { changes } = await recordChanges(migration, direction, database.dialect)
  // MySQL commits a transaction as soon as the schema changes, so there is only one around data.
  const atOnce = migration.transaction !== false && !(database.dialect === 'mysql' && changes.some((change) => changesSchema(change, 'mysql')))
  const elapsed = () => Math.round(performance.now() - started)
  const work = async (connection: MigrationConnection) => {
    await migration[direction]?.(createSchema(liveTarget(connection, progress)))
  }
  try {
    if (atOnce) await inTransaction(database, run, changes.some(needsRebuild), work, elapsed)
    else await onSession(database, run, work, elapsed)
  } catch (cause) {
    throw fail(
      'MIGRATION_FAILED',
      { name: migration.name, direction, reason: reasonOf(cause), statement: progress.current, state: stateAfter(migration, atOnce, progress) },
      { cause },
    )
  }
  return elapsed()
}

type Work = (connection: MigrationConnection) => Promise<void>

async function inTransaction(database: ManagedDatabase, run: MigrationRun, rebuilds: boolean, work: Work, elapsed: () => number): Promise<void> {
  const connection = overDatabase(database)
  const suspend = database.dialect === 'sqlite' && rebuilds
  // SQLite ignores this within a transaction.
  if (suspend) await connection.script('pragma foreign_keys = off')
  try {
    await database.transaction(
      async () => {
        if (database.dialect === 'postgres') await connection.script(`set local lock_timeout = ${run.lockTimeout}`)
        await work(connection)
        if (suspend) await requireForeignKeys(connection)
        await run.note(connection, elapsed())
      },
      { retries: 0 },
    )
  } finally {
    if (suspend) await connection.script('pragma foreign_keys = on')
  }
}

async function onSession(database: ManagedDatabase, run: MigrationRun, work: Work, elapsed: () => number): Promise<void> {
  const { dialect, driver } = database
  const session = await driver.acquire('write')
  const connection = overSession(dialect, session)
  try {
    if (dialect === 'postgres') await connection.script(`set lock_timeout = ${run.lockTimeout}`)
    if (dialect === 'mysql' && run.lockTimeout > 0) await connection.script(`set session lock_wait_timeout = ${Math.ceil(run.lockTimeout / 1000)}`)
    await work(connection)
    await run.note(connection, elapsed())
  } finally {
    // What was set on it must not reach whoever has it next.
    if (dialect !== 'sqlite') await session.close()
    driver.release(session)
  }
}

/** What the enforcement that was suspended would have refused. */
async function requireForeignKeys(connection: MigrationConnection): Promise<void> {
  const { rows } = await connection.query('pragma foreign_key_check', [])
  if (rows.length === 0) return
  const [table, rowid, parent] = rows[0] ?? []
  throw fail('MIGRATION_BREAKS_REFERENCES', { count: rows.length, table: String(table), row: String(rowid), parent: String(parent) })
}

function reasonOf(cause: unknown): string {
  if (cause instanceof GluefulError) return cause.detail
  return cause instanceof Error ? cause.message : String(cause)
}

function stateAfter(migration: Migration, atOnce: boolean, { done }: Progress): string {
  if (atOnce) return 'Everything that it had done was rolled back.'
  if (done.length === 0) return 'It had changed nothing before.'
  const why = migration.transaction === false ? 'It runs without a transaction' : 'MySQL commits each change of the schema by itself'
  return `${why}, so what it had done before stays and must be undone by hand: ${done.map((text) => text.replaceAll(/\s+/g, ' ')).join('; ')}.`
}
