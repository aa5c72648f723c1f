import type { ReadRows } from '../read-rows.ts'
import { text, toForeignKeys, toIndexes, type Row } from './group-rows.ts'
import type { LiveTable } from './live-table.ts'
import { readMysqlChecks } from './mysql-checks.ts'

const queries = {
  columns: `select c.table_name as \`table\`, c.column_name as name, c.column_type as type, c.is_nullable as nullable, c.column_default as fallback, c.extra as extra, c.column_comment as comment
    from information_schema.columns c join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
    where c.table_schema = database() order by c.table_name, c.ordinal_position`,
  indexes: `select table_name as \`table\`, index_name as name, column_name as \`column\`, 1 - non_unique as \`unique\`, 0 as partial
    from information_schema.statistics where table_schema = database() order by index_name, seq_in_index`,
  keys: `select k.table_name as \`table\`, k.constraint_name as \`key\`, k.constraint_name as name, k.column_name as \`column\`, k.referenced_table_name as target,
      k.referenced_column_name as targetColumn, r.delete_rule as onDelete, r.update_rule as onUpdate
    from information_schema.key_column_usage k join information_schema.referential_constraints r
      on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
    where k.table_schema = database() and k.referenced_table_name is not null order by k.constraint_name, k.ordinal_position`,
  version: 'select version() as version',
}

export async function readMysqlTables(read: ReadRows): Promise<LiveTable[]> {
  const [columns, indexes, keys, checks] = [await read(queries.columns), await read(queries.indexes), await read(queries.keys), await readMysqlChecks(read)]
  const [version] = await read(queries.version)
  const isMaria = /mariadb/i.test(text(version ?? {}, 'version'))
  return [...Map.groupBy(columns, (row) => text(row, 'table'))].map(([name, own]) => {
    const isOwn = (row: Row) => row['table'] === name
    const search = own.filter((row) => /^full_text(?:_[2-4])?$/.test(text(row, 'name')) && /generated/i.test(text(row, 'extra')))
    const ownIndexes = indexes.filter((row) => isOwn(row) && !search.some((column) => column['name'] === row['column']))
    return {
      name,
      columns: own
        .filter((row) => !search.includes(row))
        .map((row) => ({
          name: text(row, 'name'),
          type: text(row, 'type').toLowerCase(),
          nullable: row['nullable'] === 'YES',
          default: fallbackOf(row, isMaria),
          counted: /auto_increment/i.test(text(row, 'extra')),
        })),
      primary: ownIndexes.filter((row) => row['name'] === 'PRIMARY').map((row) => text(row, 'column')),
      indexes: toIndexes(ownIndexes.filter((row) => row['name'] !== 'PRIMARY')),
      foreignKeys: toForeignKeys(keys.filter(isOwn)),
      checks: checks.filter(isOwn).map((row) => ({ name: text(row, 'name'), sql: isMaria ? text(row, 'sql') : unescaped(text(row, 'sql')) })),
      fullText: search[0] === undefined ? undefined : text(search[0], 'comment'),
    }
  })
}

/** MariaDB gives SQL; MySQL gives the text of a literal, and says of an expression that it is one. */
function fallbackOf(row: Row, isMaria: boolean): string | undefined {
  const given = row['fallback']
  if (given === null || given === undefined || given === 'NULL') return undefined
  if (isMaria || /^current_timestamp/i.test(String(given))) return String(given)
  if (/DEFAULT_GENERATED/i.test(text(row, 'extra'))) return unescaped(String(given))
  return `'${String(given).replaceAll("'", "''")}'`
}

/** MySQL shows its SQL with quotes and backslashes escaped once more. */
function unescaped(sql: string): string {
  return sql.replaceAll(/\\(.)/gs, '$1')
}
