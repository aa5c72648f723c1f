import { integer, text, timestamp } from '../columns/builders.ts'
import { toObjects } from '../connection/row-objects.ts'
import { fullTextColumn } from '../full-text/describe-full-text.ts'
import { describeTable } from '../schema/describe-table.ts'
import { liveColumns } from '../schema/live-columns.ts'
import type { ModelTable } from '../schema/model-tables.ts'
import { renderCreateTable } from '../schema/render-table.ts'
import { renderSql } from '../sql/render-sql.ts'
import { sql, type Sql } from '../sql/sql.ts'
import type { MigrationConnection } from './migration-connection.ts'

/** Columns by table. */
export type ReleaseTables = ReadonlyMap<string, ReadonlySet<string>>

const table = describeTable('schema_release', { id: integer(), tables: text(), started_at: timestamp() }, { primary: ['id'] })

/** Made when migrating, because an application that only starts may not be allowed to. */
export async function createReleaseTable(connection: MigrationConnection): Promise<void> {
  for (const text of renderCreateTable(connection.dialect, table, true)) await connection.script(text)
}

/** What the models of the release that started last use; undefined where none has been noted. */
export async function readReleaseTables(connection: MigrationConnection): Promise<ReleaseTables | undefined> {
  const noted = await readText(connection)
  if (noted === undefined || noted === '') return undefined
  return new Map(Object.entries(JSON.parse(noted) as Record<string, string[]>).map(([name, columns]) => [name, new Set(columns)]))
}

/** Notes what the models of a release use, where it is not noted already: the next release may still drop none of it. */
export async function noteReleaseTables(connection: MigrationConnection, models: readonly ModelTable[], now: Date): Promise<void> {
  const found = Object.fromEntries(models.map((model) => [model.table, columnsOf(model)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  const tables = JSON.stringify(found)
  const noted = await readText(connection)
  if (noted === undefined || noted === tables) return
  const at = connection.dialect === 'sqlite' ? now.getTime() : now
  // Several processes of a release start at once.
  const taken = connection.dialect === 'mysql' ? sql`on duplicate key update` : sql`on conflict (id) do update set`
  await run(connection, sql`insert into schema_release (id, tables, started_at) values (1, ${tables}, ${at}) ${taken} tables = ${tables}, started_at = ${at}`)
}

/** A search is in use as a column would be. */
function columnsOf({ columns, options }: ModelTable): string[] {
  return [...Object.keys(columns), ...(options?.fullText === undefined ? [] : [fullTextColumn])]
}

/** Undefined without the table, empty without the row. */
async function readText(connection: MigrationConnection): Promise<string | undefined> {
  const read = async (text: string, params: readonly unknown[] = []) => toObjects(await connection.query(text, params))
  if ((await liveColumns(connection.dialect, table.name, read)).length === 0) return undefined
  const [row] = await read('select tables from schema_release where id = 1')
  return row === undefined ? '' : String(row['tables'])
}

async function run(connection: MigrationConnection, query: Sql): Promise<void> {
  const { text: statement, params } = renderSql(query, connection.dialect)
  await connection.query(statement, params)
}

/** Both together: what any of two releases uses is in use. */
export function joinTables(...all: readonly (ReleaseTables | undefined)[]): ReleaseTables {
  const joined = new Map<string, Set<string>>()
  for (const [name, columns] of all.flatMap((tables) => [...(tables ?? [])])) joined.set(name, new Set([...(joined.get(name) ?? []), ...columns]))
  return joined
}
