import type { Dialect } from '../sql/dialect.ts'
import { sql, type Sql } from '../sql/sql.ts'

const times: Record<Dialect, Sql> = {
  sqlite: sql`unixepoch('subsec') * 1000`,
  postgres: sql`(extract(epoch from clock_timestamp()) * 1000)::float8`,
  mysql: sql`(unix_timestamp(sysdate(6)) * 1000)`,
}

/**
 * Ms since the epoch on the clock of the database, which all processes share; the time of that moment, not of the
 * beginning of the statement or transaction, which may have waited for a lock since.
 */
export function serverTime(dialect: Dialect): Sql {
  return times[dialect]
}
