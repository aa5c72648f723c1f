import { renderDefault, renderType } from '../../schema/render-column.ts'
import type { LiveColumn } from '../../schema/introspect/live-table.ts'
import type { ColumnShape } from '../../schema/table-shape.ts'
import type { Dialect } from '../../sql/dialect.ts'

/** Whether a column is stored as its model says, whatever the database calls it. */
export function isSameType(dialect: Dialect, wanted: ColumnShape, live: LiveColumn): boolean {
  if (wanted.type.kind === 'increment') return live.counted
  const [mine, theirs] = [normalize(dialect, renderType(dialect, wanted.type)), normalize(dialect, live.type)]
  // MariaDB keeps JSON as text with a check.
  return mine === theirs || (dialect === 'mysql' && mine === 'json' && theirs === 'longtext')
}

function normalize(dialect: Dialect, type: string): string {
  const plain = type
    .toLowerCase()
    .replace(/\s+character set .*$/, '')
    .replaceAll(/\s*,\s*/g, ',')
  if (dialect === 'postgres') {
    return plain
      .replace(/^character varying/, 'varchar')
      .replace(/^timestamp\((\d)\) with time zone$/, 'timestamptz($1)')
      .replace(/^timestamp with time zone$/, 'timestamptz')
      .replace(/^decimal/, 'numeric')
  }
  return dialect === 'mysql' ? plain.replace(/^(bigint|int|smallint|mediumint)\(\d+\)/, '$1') : affinityOf(plain)
}

/** What SQLite makes of a type: `varchar(80)` and `text` are one to it (https://www.sqlite.org/datatype3.html, 3.1). */
function affinityOf(type: string): string {
  if (/int/.test(type)) return 'integer'
  if (/char|clob|text/.test(type)) return 'text'
  if (type === '' || /blob/.test(type)) return 'blob'
  return /real|floa|doub/.test(type) ? 'real' : type
}

/** Whether a column has the default that its model says. */
export function isSameDefault(dialect: Dialect, wanted: ColumnShape, live: LiveColumn): boolean {
  if (wanted.type.kind === 'increment') return true
  const mine = wanted.default === undefined ? undefined : valueOf(dialect, renderDefault(dialect, wanted.type, wanted.default))
  const theirs = live.default === undefined ? undefined : valueOf(dialect, live.default)
  if (mine === theirs || (mine ?? 'null') === (theirs ?? 'null')) return true
  if (dialect === 'mysql' && mine !== undefined && theirs !== undefined && isShownAs(mine, theirs)) return true
  if (mine === undefined || theirs === undefined) return false
  if (wanted.type.kind === 'json') return sameJson(mine, theirs)
  if (wanted.type.kind === 'timestamp') return Date.parse(utc(mine)) === Date.parse(utc(theirs))
  const isNumber = ['integer', 'bigint', 'float', 'decimal', 'boolean'].includes(wanted.type.kind)
  return isNumber && Number(mine) === Number(theirs)
}

/**
 * MySQL and MariaDB have question marks for characters beyond U+FFFF in what they tell: one, or four in expressions. MySQL 9
 * has the bytes of UTF-8 as characters of Latin-1 in expressions.
 */
export function isShownAs(text: string, shown: string): boolean {
  if (Buffer.from(text).toString('latin1') === shown) return true
  return ['?', '????'].some((mark) => text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, mark) === shown)
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', Z: '\u001A', 0: '\0' }

/** A text of MySQL without quotes, in which a backslash gives the next character a meaning. */
export function unescapeMysql(text: string): string {
  return text.replaceAll(/''|\\([\s\S])/g, (_, next?: string) => (next === undefined ? "'" : (escapes[next] ?? next)))
}

/** The text or number that a default stands for, without parentheses, casts and quotes. */
function valueOf(dialect: Dialect, sql: string): string {
  let text = sql.trim()
  for (;;) {
    const inner = /^\((.*)\)$/s.exec(text)?.[1] ?? /^(.*)::[a-z][\w ]*(?:\(\d+(?:,\d+)?\))?(?:\[\])?$/is.exec(text)?.[1]
    if (inner === undefined) break
    text = inner.trim()
  }
  const quoted = /^(?:_\w+)?'(.*)'$/s.exec(text)?.[1]
  if (quoted === undefined) return text.toLowerCase()
  return dialect === 'mysql' ? unescapeMysql(quoted) : quoted.replaceAll("''", "'")
}

function sameJson(mine: string, theirs: string): boolean {
  try {
    return JSON.stringify(sorted(JSON.parse(mine))) === JSON.stringify(sorted(JSON.parse(theirs)))
  } catch {
    return false
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

const utc = (text: string) => (/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text) ? text.replace(/([+-]\d\d)$/, '$1:00').replace(' ', 'T') : `${text.replace(' ', 'T')}Z`)
