import { fail } from '../../errors.ts'
import { quoteIdentifier } from '../../sql/quote-identifier.ts'
import { readMysqlChecks } from '../introspect/mysql-checks.ts'
import { quoteText } from '../quoting.ts'
import { renderDefault, renderType } from '../render-column.ts'
import type { ReadRows } from '../read-rows.ts'
import type { ColumnAlteration, SchemaChange } from '../schema-change.ts'

/** `modify column` states the whole column anew, so what does not change is read from the live one. */
export async function renderMysqlAlteration(change: ColumnAlteration, read: ReadRows): Promise<string[]> {
  const table = quoteIdentifier(change.table, 'mysql')
  const column = quoteIdentifier(change.column, 'mysql')
  const [live] = await read(
    `select column_type as type, is_nullable as nullable, column_default as fallback, extra as extra, column_comment as comment,
       collation_name as collation, character_set_name as charset, version() as version
     from information_schema.columns where table_schema = database() and table_name = ? and column_name = ?`,
    [change.table, change.column],
  )
  if (live === undefined) throw fail('SCHEMA_OBJECT_MISSING', { object: `column ${change.table}.${change.column}`, found: 'no such column' })
  const type = change.type === undefined ? `${String(live['type'])}${collated(live)}` : renderType('mysql', change.type)
  const nullable = change.nullable ?? live['nullable'] === 'YES'
  const extra = String(live['extra'] ?? '')
  const parts = [type, nullable ? 'null' : 'not null', ...fallbackOf(change, live)]
  if (/auto_increment/i.test(extra)) parts.push('auto_increment')
  if (/on update/i.test(extra)) parts.push(/on update \S+/i.exec(extra)?.[0] ?? '')
  if (String(live['comment'] ?? '') !== '') parts.push(`comment ${quoteText('mysql', String(live['comment']))}`)
  return [`alter table ${table} modify column ${column} ${parts.join(' ')}`]
}

function collated(live: Record<string, unknown>): string {
  return live['collation'] === null ? '' : ` character set ${String(live['charset'])} collate ${String(live['collation'])}`
}

function fallbackOf(change: ColumnAlteration, live: Record<string, unknown>): string[] {
  if (change.default === null) return []
  if (change.default !== undefined) return [`default ${renderDefault('mysql', change.type ?? liveKind(live), change.default)}`]
  const fallback = live['fallback']
  if (fallback === null || fallback === undefined || fallback === 'NULL') return []
  // MariaDB gives the default as SQL, MySQL a literal without quotes, or an expression and says so.
  if (/mariadb/i.test(String(live['version'])) || /^current_timestamp/i.test(String(fallback))) return [`default ${String(fallback)}`]
  return [/DEFAULT_GENERATED/.test(String(live['extra'])) ? `default (${String(fallback)})` : `default ${quoteText('mysql', String(fallback))}`]
}

const liveKind = (live: Record<string, unknown>) =>
  /text|blob|json/i.test(String(live['type'])) ? ({ kind: 'text' } as const) : ({ kind: 'string', length: 255 } as const)

/** MySQL keeps a column that a foreign key or check uses, and shrinks an index of several columns; here they go with it, as on PostgreSQL. */
export async function renderMysqlDropColumn(change: Extract<SchemaChange, { kind: 'dropColumn' }>, read: ReadRows): Promise<string[]> {
  const table = quoteIdentifier(change.table, 'mysql')
  const keys = await read(
    `select distinct constraint_name as name from information_schema.key_column_usage
     where table_schema = database() and table_name = ? and column_name = ? and referenced_table_name is not null`,
    [change.table, change.column],
  )
  const indexes = await read(
    `select index_name as name from information_schema.statistics where table_schema = database() and table_name = ? and index_name <> 'PRIMARY'
     group by index_name having sum(column_name = ?) > 0 and count(*) > 1`,
    [change.table, change.column],
  )
  const mentions = `\`${change.column.replaceAll('`', '``')}\``
  const checks = (await readMysqlChecks(read)).filter((check) => check['table'] === change.table && String(check['sql']).includes(mentions))
  const clauses = [
    ...keys.map((key) => `drop foreign key ${quoteIdentifier(String(key['name']), 'mysql')}`),
    ...checks.map((check) => `drop constraint ${quoteIdentifier(String(check['name']), 'mysql')}`),
    ...indexes.map((index) => `drop index ${quoteIdentifier(String(index['name']), 'mysql')}`),
    `drop column ${quoteIdentifier(change.column, 'mysql')}`,
  ]
  return [`alter table ${table} ${clauses.join(', ')}`]
}

export async function hasMysqlConstraint(change: { readonly table: string; readonly name: string }, read: ReadRows): Promise<boolean> {
  const rows = await read(
    'select 1 as found from information_schema.table_constraints where table_schema = database() and table_name = ? and constraint_name = ?',
    [change.table, change.name],
  )
  return rows.length > 0
}
