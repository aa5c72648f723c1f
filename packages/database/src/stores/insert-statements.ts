import type { Dialect } from '../sql/dialect.ts'
import { sql, type Sql } from '../sql/sql.ts'

type Values = Readonly<Record<string, string | number | null>>

/** Inserts a row unless its key is there; `rowCount` tells which. */
export function insertNew(dialect: Dialect, table: string, values: Values): Sql {
  const row = rowOf(table, values)
  return dialect === 'mysql' ? sql`insert ignore into ${row}` : sql`insert into ${row} on conflict do nothing`
}

/** Inserts a row with the key `id`, or puts it in the place of the one that is there. */
export function insertOrReplace(dialect: Dialect, table: string, values: Values): Sql {
  const row = rowOf(table, values)
  const assign = (column: string) => {
    const name = sql.id(column)
    return dialect === 'mysql' ? sql`${name} = values(${name})` : sql`${name} = excluded.${name}`
  }
  const changes = sql.join(
    Object.keys(values)
      .filter((column) => column !== 'id')
      .map(assign),
  )
  return dialect === 'mysql' ? sql`insert into ${row} on duplicate key update ${changes}` : sql`insert into ${row} on conflict (id) do update set ${changes}`
}

function rowOf(table: string, values: Values): Sql {
  const names = sql.join(Object.keys(values).map((column) => sql.id(column)))
  return sql`${sql.id(table)} (${names}) values (${sql.join(Object.values(values))})`
}
