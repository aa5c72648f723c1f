import { fail } from '../../errors.ts'

/** One entry between the parentheses of `create table`. */
export interface TableEntry {
  readonly kind: 'column' | 'constraint'
  /** Of a column, or of a constraint that has one. */
  readonly name: string | undefined
  readonly text: string
}

export interface TableText {
  readonly entries: readonly TableEntry[]
  /** What follows: `without rowid`, `strict`. */
  readonly tail: string
}

const constraintWords = new Set(['constraint', 'primary', 'unique', 'check', 'foreign'])

/** A token of SQLite's DDL; `depth` counts the parentheses around it. */
interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly depth: number
}

/**
 * Takes the text of a table, as SQLite keeps it, apart. What a change does not touch stays as it was written: collations,
 * generated columns, conflict clauses.
 */
export function parseTableText(table: string, sql: string): TableText {
  const tokens = tokenize(sql)
  const open = tokens.find((token) => token.text === '(')
  const close = tokens.findLast((token) => token.text === ')' && token.depth === 0)
  if (open === undefined || close === undefined) throw fail('SCHEMA_OBJECT_MISSING', { object: `table ${table}`, found: sql.slice(0, 80) })
  const cuts = tokens
    .filter((token) => token.text === ',' && token.depth === 1 && token.start > open.start && token.end < close.end)
    .map((token) => token.start)
  const edges = [open.end, ...cuts.map((cut) => cut + 1)]
  const entries = edges.map((start, at) => sql.slice(start, cuts[at] ?? close.start).trim()).map(toEntry)
  return { entries, tail: sql.slice(close.end).trim() }
}

function toEntry(text: string): TableEntry {
  const [first, second] = tokenize(text)
  const word = first?.text.toLowerCase() ?? ''
  if (!constraintWords.has(word)) return { kind: 'column', name: unquote(first?.text ?? ''), text }
  return { kind: 'constraint', name: word === 'constraint' ? unquote(second?.text ?? '') : undefined, text }
}

/** The clauses of a column after its name: its type, then one text for each constraint. */
export function parseColumnText(text: string): { readonly name: string; readonly type: string; readonly clauses: readonly string[] } {
  const tokens = tokenize(text)
  const starts: number[] = []
  tokens.forEach((token, at) => {
    if (at === 0 || token.depth > 0) return
    const word = token.text.toLowerCase()
    const before = tokens[at - 1]?.text.toLowerCase()
    const twoBefore = tokens[at - 2]?.text.toLowerCase()
    // A named constraint starts at its name, and words such as `set null` and `set default` belong to a reference.
    if (twoBefore === 'constraint' || before === 'set' || before === 'not' || before === 'generated') return
    if (['constraint', 'primary', 'not', 'null', 'unique', 'check', 'default', 'collate', 'references', 'generated', 'as'].includes(word)) starts.push(at)
  })
  const at = (index: number | undefined) => (index === undefined ? text.length : (tokens[index]?.start ?? text.length))
  const [name] = tokens
  return {
    name: unquote(name?.text ?? ''),
    type: text.slice(name?.end ?? 0, at(starts[0])).trim(),
    clauses: starts.map((start, index) => text.slice(at(start), at(starts[index + 1])).trim()),
  }
}

export function unquote(name: string): string {
  const [first] = name
  if (first === '"' || first === '`' || first === "'") return name.slice(1, -1).replaceAll(first + first, first)
  return first === '[' ? name.slice(1, -1) : name
}

/** Every identifier of a text, unquoted and in lower case. */
export function wordsOf(text: string): Set<string> {
  return new Set(tokenize(text).map((token) => unquote(token.text).toLowerCase()))
}

/** What an expression has besides names; a column that is called so stands in quotes. */
const expressionWords = new Set(
  'and as between case cast collate else end escape exists glob in is isnull like match not notnull null or regexp then when'.split(' '),
)

/** The columns that a constraint is about, in lower case: neither texts in its check nor what a foreign key refers to. */
export function columnsIn(constraint: string): Set<string> {
  const tokens = tokenize(constraint)
  const open = tokens.findIndex((token) => token.text === '(')
  const close = tokens.findIndex((token, at) => at > open && token.text === ')' && token.depth === 0)
  const names = tokens.slice(open + 1, close).filter(({ text }) => !text.startsWith("'") && !expressionWords.has(text.toLowerCase()))
  return new Set(names.map(({ text }) => unquote(text).toLowerCase()))
}

const pattern = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[\p{L}\p{N}_$.]+|\s+|./gu

function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let depth = 0
  for (const match of sql.matchAll(pattern)) {
    const [text] = match
    if (text.startsWith('--') || text.startsWith('/*') || text.trim() === '') continue
    if (text === ')') depth--
    tokens.push({ text, start: match.index, end: match.index + text.length, depth })
    if (text === '(') depth++
  }
  return tokens
}
