import type { ManagedDatabase } from '../connection/create-database.ts'
import { toObjects } from '../connection/row-objects.ts'
import type { Dialect } from '../sql/dialect.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { effectsOfStatement } from './effects-of-sql.ts'
import type { LiveFacts } from './lint-migrations.ts'

const columnTypes: Readonly<Record<Dialect, string>> = {
  sqlite: `select m.name as "table", c.name as "column", c.type as type from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table'`,
  postgres: `select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as type from pg_class c
    join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where n.nspname = current_schema() and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`,
  mysql: 'select table_name as `table`, column_name as `column`, column_type as type from information_schema.columns where table_schema = database()',
}

const checks = `select c.relname as "table", k.conname as name, pg_get_constraintdef(k.oid) as definition, k.convalidated as validated
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = current_schema() and k.contype = 'c'`

/** What the database tells of its columns and checks, so that the lint knows what costs nothing. */
export async function readLiveFacts(database: ManagedDatabase): Promise<LiveFacts> {
  const { dialect } = database
  const read = async (text: string) => toObjects(await database.execute(text, [], { writes: true }))
  const types = new Map(
    (await read(columnTypes[dialect])).map((row) => [`${String(row['table'])}.${String(row['column'])}`.toLowerCase(), String(row['type'])]),
  )
  const notNull = dialect === 'postgres' ? (await read(checks)).flatMap(toNotNullCheck) : []
  return { types, notNull }
}

function toNotNullCheck(row: Record<string, unknown>): LiveFacts['notNull'] {
  const definition = String(row['definition']).replace(/\s+not valid$/i, '')
  const [statement] = splitStatements(`alter table t add constraint c ${definition}`, 'postgres')
  const [effect] = statement === undefined ? [] : effectsOfStatement(statement, 'postgres')
  if (effect?.kind !== 'addCheck' || effect.notNull === undefined) return []
  return [{ table: String(row['table']), name: String(row['name']), column: effect.notNull, validated: row['validated'] === true }]
}
