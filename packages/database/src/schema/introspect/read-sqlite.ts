import { parseColumnText, parseTableText, unquote } from '../dialects/sqlite-table-text.ts'
import { boundedName } from '../object-names.ts'
import type { ReadRows } from '../read-rows.ts'
import { isTrue, text, toForeignKeys, toIndexes, type Row } from './group-rows.ts'
import type { LiveCheck, LiveForeignKey, LiveTable } from './live-table.ts'

/** Tables of SQLite; names of constraints and checks are only in the text of the table. */
export async function readSqliteTables(read: ReadRows): Promise<LiveTable[]> {
  const found = await read(
    `select s.name as name, s.sql as sql from sqlite_schema s inner join pragma_table_list l on l.schema = 'main' and l.type = 'table' and l.name = s.name
     where s.type = 'table' and s.name not like 'sqlite!_%' escape '!' order by s.name`,
  )
  const searches = new Map(found.map((row) => [text(row, 'name'), signatureIn(text(row, 'sql'))]))
  const own = found.filter((row) => searches.get(text(row, 'name')) === undefined)
  return Promise.all(own.map((row) => readTable(text(row, 'name'), text(row, 'sql'), searches.get(boundedName(`${text(row, 'name')}_full_text_key`)), read)))
}

/** Of a table that keeps the keys of a search. */
function signatureIn(sql: string): string | undefined {
  return /\/\* (\[1,\{.*\}\]) \*\//s.exec(sql)?.[1]?.replaceAll('*\\/', '*/')
}

async function readTable(name: string, sql: string, fullText: string | undefined, read: ReadRows): Promise<LiveTable> {
  const columns = await read('select * from pragma_table_info(?) order by cid', [name])
  const indexes = await read(
    `select l.name as name, i.name as "column", l."unique" as "unique", l.partial as partial
     from pragma_index_list(?) l, pragma_index_info(l.name) i where l.origin = 'c' order by l.name, i.seqno`,
    [name],
  )
  const keys = await read(
    `select id as key, '' as name, "from" as "column", "table" as target, coalesce("to", '') as targetColumn, on_delete as onDelete, on_update as onUpdate
     from pragma_foreign_key_list(?) order by id, seq`,
    [name],
  )
  const primary = columns.filter((row) => Number(row['pk']) > 0).toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
  const constraints = namedConstraints(name, sql)
  return {
    name,
    columns: columns.map((row) => toColumn(row, primary)),
    primary: primary.map((row) => text(row, 'name')),
    indexes: toIndexes(indexes),
    foreignKeys: toForeignKeys(keys).map((key) => named(key, constraints)),
    checks: constraints.flatMap(({ name: constraint, sql: body }): LiveCheck[] => (/\bcheck\s*\(/i.test(body) ? [{ name: constraint, sql: body }] : [])),
    fullText,
  }
}

function toColumn(row: Row, primary: readonly Row[]) {
  const type = text(row, 'type').toLowerCase()
  const isPrimary = Number(row['pk']) > 0
  return {
    name: text(row, 'name'),
    type,
    nullable: !isTrue(row['notnull']) && !isPrimary,
    default: row['dflt_value'] === null ? undefined : text(row, 'dflt_value'),
    counted: isPrimary && primary.length === 1 && type === 'integer',
  }
}

interface NamedConstraint {
  readonly name: string
  readonly sql: string
  /** Of one that stands in a column. */
  readonly column: string | undefined
}

function namedConstraints(table: string, sql: string): NamedConstraint[] {
  return parseTableText(table, sql).entries.flatMap((entry): NamedConstraint[] => {
    if (entry.kind === 'constraint') return entry.name === undefined ? [] : [{ name: entry.name, sql: entry.text, column: undefined }]
    const { name: column, clauses } = parseColumnText(entry.text)
    return clauses.flatMap((clause) => {
      const given = /^constraint\s+("(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\S+)/i.exec(clause)?.[1]
      return given === undefined ? [] : [{ name: unquote(given), sql: clause, column }]
    })
  })
}

function named(key: LiveForeignKey, constraints: readonly NamedConstraint[]): LiveForeignKey {
  const found = constraints.find(({ sql, column }) => {
    if (!/\breferences\b/i.test(sql)) return false
    if (column !== undefined) return key.columns.length === 1 && key.columns[0] === column
    const list = /foreign\s+key\s*\(([^)]*)\)/i.exec(sql)?.[1] ?? ''
    return (
      list
        .split(',')
        .map((part) => unquote(part.trim()))
        .join('\0') === key.columns.join('\0')
    )
  })
  return { ...key, name: found?.name ?? '' }
}
