import { fail } from '../../errors.ts'
import { quoteIdentifier } from '../../sql/quote-identifier.ts'
import { boundedName } from '../object-names.ts'
import { quoteNames } from '../quoting.ts'
import { renderDefault, renderType } from '../render-column.ts'
import type { ReadRows } from '../read-rows.ts'
import { renderCheckConstraint, renderForeignKey } from '../render-table.ts'
import type { ColumnAlteration, SchemaChange } from '../schema-change.ts'
import { columnsIn, parseColumnText, parseTableText, wordsOf, type TableEntry } from './sqlite-table-text.ts'

type Rebuild = Extract<SchemaChange, { kind: 'alterColumn' | 'dropColumn' | 'addForeignKey' | 'addCheck' | 'dropConstraint' }>

/** Changes that SQLite makes only by writing the table anew. */
export function needsRebuild(change: SchemaChange): change is Rebuild {
  return ['alterColumn', 'addForeignKey', 'addCheck', 'dropConstraint', 'dropColumn'].includes(change.kind)
}

const name = (text: string) => quoteIdentifier(text, 'sqlite')

/**
 * SQLite cannot alter columns and constraints: the table is made anew beside the old one, filled from it, and takes its
 * name (https://www.sqlite.org/lang_altertable.html, section 7), with its indexes and triggers.
 */
export async function renderSqliteRebuild(change: Rebuild, read: ReadRows): Promise<string[]> {
  const { sql, others } = await readTable(change.table, read)
  const { entries, tail } = parseTableText(change.table, sql)
  const after = applyTo(entries, change)
  if (after === undefined) return []
  return rebuild(change.table, after, tail, others, read)
}

/** Drops indexes on the column first, and writes the table anew where a key or check uses it. */
export async function renderSqliteDropColumn(change: Extract<SchemaChange, { kind: 'dropColumn' }>, read: ReadRows): Promise<string[]> {
  const { sql, others } = await readTable(change.table, read)
  const { entries, tail } = parseTableText(change.table, sql)
  const column = columnEntry(entries, change)
  const uses = (constraint: string) => columnsIn(constraint).has(change.column.toLowerCase())
  const indexes = await read(
    `select l.name as name from pragma_index_list(?) l where exists (select 1 from pragma_index_info(l.name) i where i.name = ? collate nocase) and l.origin = 'c'`,
    [change.table, change.column],
  )
  const gone = new Set(indexes.map((index) => String(index['name'])))
  const constrained =
    entries.some((entry) => entry.kind === 'constraint' && uses(entry.text)) ||
    /\b(?:unique|primary|references|check)\b/i.test(parseColumnText(column.text).clauses.join(' '))
  if (!constrained) {
    return [...[...gone].map((index) => `drop index ${name(index)}`), `alter table ${name(change.table)} drop column ${name(change.column)}`]
  }
  const kept = entries.filter((entry) => entry !== column && !(entry.kind === 'constraint' && uses(entry.text)))
  return rebuild(
    change.table,
    kept,
    tail,
    others.filter((other) => !gone.has(other.name)),
    read,
  )
}

interface Dependent {
  readonly name: string
  readonly sql: string
}

async function readTable(table: string, read: ReadRows): Promise<{ sql: string; others: readonly Dependent[] }> {
  const rows = await read(`select type, name, sql from sqlite_schema where tbl_name = ? collate nocase and sql is not null order by type, name`, [table])
  const own = rows.find((row) => row['type'] === 'table')
  if (own === undefined) throw fail('SCHEMA_OBJECT_MISSING', { object: `table ${table}`, found: 'no such table' })
  const others = rows.filter((row) => row !== own).map((row) => ({ name: String(row['name']), sql: String(row['sql']) }))
  return { sql: String(own['sql']), others }
}

async function rebuild(table: string, entries: readonly TableEntry[], tail: string, others: readonly Dependent[], read: ReadRows): Promise<string[]> {
  const [{ on } = { on: 0 }] = await read('select foreign_keys as "on" from pragma_foreign_keys')
  const referring = await read(
    `select m.name as name from sqlite_schema m, pragma_foreign_key_list(m.name) f where m.type = 'table' and f."table" = ? collate nocase and m.name <> ? collate nocase`,
    [table, table],
  )
  // Dropping the old table would delete or null what refers to it.
  if (Number(on) === 1 && referring.length > 0) {
    throw fail('SCHEMA_REBUILD_REFUSED', { table, referring: [...new Set(referring.map((row) => String(row['name'])))] })
  }
  const kept = new Set(entries.flatMap((entry) => (entry.kind === 'column' && entry.name !== undefined ? [entry.name.toLowerCase()] : [])))
  const live = await read(`select name from pragma_table_xinfo(?) where hidden = 0`, [table])
  const columns = live.map((row) => String(row['name'])).filter((column) => kept.has(column.toLowerCase()))
  const fresh = boundedName(`__glueful_${table}`)
  return [
    `create table ${name(fresh)} (\n${entries.map((entry) => `  ${entry.text}`).join(',\n')}\n)${tail === '' ? '' : ` ${tail}`}`,
    `insert into ${name(fresh)} (${quoteNames('sqlite', columns)}) select ${quoteNames('sqlite', columns)} from ${name(table)}`,
    `drop table ${name(table)}`,
    // Without it views that read the table would stop the renaming.
    'pragma legacy_alter_table = on',
    `alter table ${name(fresh)} rename to ${name(table)}`,
    'pragma legacy_alter_table = off',
    ...others.map((other) => other.sql),
  ]
}

function applyTo(entries: readonly TableEntry[], change: Rebuild): readonly TableEntry[] | undefined {
  switch (change.kind) {
    case 'alterColumn': {
      const column = columnEntry(entries, change)
      return entries.map((entry) => (entry === column ? { ...entry, text: alterText(entry.text, change) } : entry))
    }
    case 'addForeignKey':
      return [...entries, { kind: 'constraint', name: change.foreignKey.name, text: renderForeignKey('sqlite', change.foreignKey) }]
    case 'addCheck':
      return [...entries, { kind: 'constraint', name: change.check.name, text: renderCheckConstraint('sqlite', change.check) }]
    case 'dropConstraint':
      return withoutConstraint(entries, change)
    case 'dropColumn':
      return entries
  }
}

function columnEntry(entries: readonly TableEntry[], change: { readonly table: string; readonly column: string }): TableEntry {
  const found = entries.find((entry) => entry.kind === 'column' && entry.name?.toLowerCase() === change.column.toLowerCase())
  if (found !== undefined) return found
  const columns = entries.flatMap((entry) => (entry.kind === 'column' && entry.name !== undefined ? [entry.name] : []))
  throw fail('SCHEMA_OBJECT_MISSING', { object: `column ${change.table}.${change.column}`, found: `the columns ${columns.join(', ')}` })
}

function withoutConstraint(entries: readonly TableEntry[], change: Extract<SchemaChange, { kind: 'dropConstraint' }>): readonly TableEntry[] | undefined {
  const wanted = change.name.toLowerCase()
  if (entries.some((entry) => entry.kind === 'constraint' && entry.name?.toLowerCase() === wanted)) {
    return entries.filter((entry) => entry.kind !== 'constraint' || entry.name?.toLowerCase() !== wanted)
  }
  const isWanted = (clause: string) => /^constraint\b/i.test(clause) && wordsOf(clause).has(wanted)
  const after = entries.map((entry) => {
    if (entry.kind === 'constraint') return entry
    const { name: column, type, clauses } = parseColumnText(entry.text)
    return clauses.some(isWanted)
      ? {
          ...entry,
          text: columnText(
            column,
            type,
            clauses.filter((clause) => !isWanted(clause)),
          ),
        }
      : entry
  })
  if (after.some((entry, at) => entry !== entries[at])) return after
  if (change.ifExists) return undefined
  const constraints = entries.flatMap((entry) => (entry.kind === 'constraint' && entry.name !== undefined ? [entry.name] : []))
  throw fail('SCHEMA_OBJECT_MISSING', {
    object: `constraint ${change.name} of ${change.table}`,
    found: constraints.length === 0 ? 'no named constraints' : `the constraints ${constraints.join(', ')}`,
  })
}

function alterText(text: string, change: ColumnAlteration): string {
  const { name: column, type, clauses } = parseColumnText(text)
  const isNull = (clause: string) => /^(?:not\s+)?null\b/i.test(clause)
  const isDefault = (clause: string) => /^default\b/i.test(clause)
  const kept = clauses.filter((clause) => !(change.nullable !== undefined && isNull(clause)) && !(change.default !== undefined && isDefault(clause)))
  const added = [
    ...(change.nullable === false ? ['not null'] : []),
    ...(change.default === undefined || change.default === null ? [] : [`default ${renderDefault('sqlite', change.type ?? { kind: 'text' }, change.default)}`]),
  ]
  return columnText(column, change.type === undefined ? type : renderType('sqlite', change.type), [...added, ...kept])
}

function columnText(column: string, type: string, clauses: readonly string[]): string {
  return [name(column), type, ...clauses].filter((part) => part !== '').join(' ')
}
