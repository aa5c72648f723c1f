import type { Dialect } from '../../sql/dialect.ts'
import type { ReadRows } from '../read-rows.ts'
import type { LiveTable } from './live-table.ts'
import { readMysqlTables } from './read-mysql.ts'
import { readPostgresTables } from './read-postgres.ts'
import { readSqliteTables } from './read-sqlite.ts'

/** All tables of the database, or of PostgreSQL's current schema, as they are. */
export function readLiveSchema(dialect: Dialect, read: ReadRows): Promise<LiveTable[]> {
  return { sqlite: readSqliteTables, postgres: readPostgresTables, mysql: readMysqlTables }[dialect](read)
}
