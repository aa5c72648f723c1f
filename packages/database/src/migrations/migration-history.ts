import { integer, string, timestamp } from '../columns/builders.ts'
import { toObjects } from '../connection/row-objects.ts'
import { describeTable } from '../schema/describe-table.ts'
import { liveColumns } from '../schema/live-columns.ts'
import { renderCreateTable } from '../schema/render-table.ts'
import type { MigrationConnection } from './migration-connection.ts'
import { renderSql } from '../sql/render-sql.ts'
import { sql, type Sql } from '../sql/sql.ts'

/** One row of `schema_migrations`. */
export interface AppliedMigration {
  readonly version: string
  readonly name: string
  readonly checksum: string
  readonly appliedAt: Date
  readonly durationMs: number
  /** Counts the runs of `migrate`; a rollback without steps undoes the last one. */
  readonly batch: number
}

const table = describeTable('schema_migrations', {
  version: string(14),
  name: string(200).primary(),
  checksum: string(64),
  applied_at: timestamp(),
  duration_ms: integer(),
  batch: integer(),
})

/** What has been applied to this database, first to last; nothing where nothing ever was. */
export async function readHistory(connection: MigrationConnection): Promise<AppliedMigration[]> {
  const read = async (text: string, params: readonly unknown[] = []) => toObjects(await connection.query(text, params))
  if ((await liveColumns(connection.dialect, table.name, read)).length === 0) return []
  const rows = await read('select version, name, checksum, applied_at, duration_ms, batch from schema_migrations order by batch, name')
  return rows.map((row) => ({
    version: String(row['version']),
    name: String(row['name']),
    checksum: String(row['checksum']),
    appliedAt: toDate(row['applied_at']),
    durationMs: Number(row['duration_ms']),
    batch: Number(row['batch']),
  }))
}

export async function createHistory(connection: MigrationConnection): Promise<void> {
  for (const text of renderCreateTable(connection.dialect, table, true)) await connection.script(text)
}

export async function addToHistory(connection: MigrationConnection, applied: AppliedMigration): Promise<void> {
  const { version, name, checksum, appliedAt, durationMs, batch } = applied
  const at = connection.dialect === 'sqlite' ? appliedAt.getTime() : appliedAt
  await run(
    connection,
    sql`insert into schema_migrations (version, name, checksum, applied_at, duration_ms, batch) values (${version}, ${name}, ${checksum}, ${at}, ${durationMs}, ${batch})`,
  )
}

export async function removeFromHistory(connection: MigrationConnection, name: string): Promise<void> {
  await run(connection, sql`delete from schema_migrations where name = ${name}`)
}

async function run(connection: MigrationConnection, query: Sql): Promise<void> {
  const { text, params } = renderSql(query, connection.dialect)
  await connection.query(text, params)
}

function toDate(value: unknown): Date {
  if (value instanceof Date) return value
  return new Date(typeof value === 'string' && !/^\d+$/.test(value) ? readText(value) : Number(value))
}

// PostgreSQL writes `2026-11-26 10:00:00.123+00`, MySQL leaves the zone out and means UTC.
function readText(value: string): string {
  const text = value.replace(' ', 'T')
  return /(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text) ? text.replace(/([+-]\d\d)$/, '$1:00') : `${text}Z`
}
