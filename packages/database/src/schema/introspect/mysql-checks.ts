import type { ReadRows } from '../read-rows.ts'

/**
 * The checks of tables as `table`, `name` and `sql`. On MariaDB they are named within their table, and those of a column,
 * as of each one of JSON, belong to it.
 */
export async function readMysqlChecks(read: ReadRows): Promise<readonly Record<string, unknown>[]> {
  const [version] = await read('select version() as version')
  if (/mariadb/i.test(String(version?.['version'])))
    return read(`select table_name as \`table\`, constraint_name as name, check_clause as \`sql\` from information_schema.check_constraints
      where constraint_schema = database() and level = 'Table'`)
  return read(`select t.table_name as \`table\`, c.constraint_name as name, c.check_clause as \`sql\` from information_schema.check_constraints c
    join information_schema.table_constraints t on t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name and t.constraint_type = 'CHECK'
    where t.table_schema = database()`)
}
