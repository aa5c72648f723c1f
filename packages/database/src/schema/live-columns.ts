import type { Dialect } from '../sql/dialect.ts'
import type { ReadRows } from './read-rows.ts'

const queries: Readonly<Record<Dialect, string>> = {
  sqlite: 'select name as name from pragma_table_xinfo(?) order by cid',
  postgres: 'select column_name as name from information_schema.columns where table_schema = current_schema() and table_name = $1 order by ordinal_position',
  mysql: 'select column_name as name from information_schema.columns where table_schema = database() and table_name = ? order by ordinal_position',
}

/** The columns of a table as it is now; none where there is no such table. */
export async function liveColumns(dialect: Dialect, table: string, read: ReadRows): Promise<string[]> {
  const rows = await read(queries[dialect], [table])
  return rows.map((row) => String(row['name']))
}
