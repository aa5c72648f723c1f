import { isWord, readTokens, type SqlToken } from './sql-tokens.ts'

/** What a query asks of one of its tables. */
export interface TableUse {
  readonly table: string
  /** The name by which plans call it. */
  readonly alias: string
  readonly conditions: readonly ColumnCondition[]
  /** Columns that rows are wanted in the order of; undefined where the order is another, or goes both ways. */
  readonly order: readonly string[] | undefined
  /** Whether only the first rows are wanted. */
  readonly limited: boolean
  /** Why an index cannot help with all conditions. */
  readonly hindrances: readonly string[]
}

export interface ColumnCondition {
  readonly column: string
  /** `joined`: equal to a column of another table. */
  readonly kind: 'equal' | 'null' | 'range' | 'joined'
  /** Places of the values that the column is compared with. */
  readonly parameters: readonly number[]
}

interface Reference {
  readonly qualifier: string | undefined
  readonly column: string
  /** The token after it. */
  readonly end: number
}

interface Scope {
  readonly tables: { readonly table: string; readonly alias: string }[]
  readonly conditions: (ColumnCondition & { readonly qualifier: string | undefined })[]
  readonly hindrances: string[]
  order: readonly { readonly qualifier: string | undefined; readonly column: string }[] | undefined
  limited: boolean
}

/** `hasColumn` tells which table a column without qualifier belongs to. */
export function readQueryShape(text: string, hasColumn: (table: string, column: string) => boolean): readonly TableUse[] {
  return scopesOf(readTokens(text)).flatMap((scope) =>
    scope.tables.map(({ table, alias }): TableUse => {
      const isOwn = ({ qualifier, column }: { readonly qualifier: string | undefined; readonly column: string }) =>
        qualifier === undefined ? hasColumn(table, column) : qualifier.toLowerCase() === alias.toLowerCase()
      const own = scope.order?.every(isOwn) === true ? scope.order.map(({ column }) => column) : undefined
      return {
        table,
        alias,
        conditions: scope.conditions.filter(isOwn),
        order: own,
        limited: scope.limited,
        hindrances: scope.hindrances,
      }
    }),
  )
}

const clauses = new Set([
  'from',
  'where',
  'group',
  'having',
  'order',
  'limit',
  'offset',
  'union',
  'intersect',
  'except',
  'set',
  'returning',
  'for',
  'window',
  'fetch',
  'lock',
])
const joins = new Set(['join', 'inner', 'left', 'right', 'full', 'cross', 'outer', 'natural', 'lateral', 'on', 'using', 'straight_join'])

/** Each select, update and delete of a statement, those within others too. */
function scopesOf(tokens: readonly SqlToken[]): Scope[] {
  const inner = tokens.flatMap((token) => (token.kind === 'group' ? scopesOf(token.tokens) : []))
  const starts = tokens.flatMap((token, at) => (isWord(token, 'select', 'update', 'delete') && !isWord(tokens[at - 1], 'for', 'key') ? [at] : []))
  const own = starts.map((start, index) => readScope(tokens.slice(start, starts[index + 1] ?? tokens.length)))
  return [...own, ...inner].filter(({ tables }) => tables.length > 0)
}

function readScope(tokens: readonly SqlToken[]): Scope {
  const scope: Scope = { tables: [], conditions: [], hindrances: [], order: undefined, limited: false }
  const parts: { readonly word: string; readonly tokens: SqlToken[] }[] = [{ word: isWord(tokens[0], 'update') ? 'from' : 'start', tokens: [] }]
  for (const token of tokens.slice(1)) {
    if (token.kind === 'word' && clauses.has(token.text)) parts.push({ word: token.text, tokens: [] })
    else parts.at(-1)?.tokens.push(token)
  }
  for (const part of parts) {
    if (part.word === 'from') readFrom(part.tokens, scope)
    else if (part.word === 'where') readConditions(part.tokens, scope)
    else if (part.word === 'order') scope.order = readOrder(part.tokens.slice(1))
    else if (part.word === 'limit' || part.word === 'fetch') scope.limited = true
    else if (part.word === 'union' || part.word === 'intersect' || part.word === 'except') break
  }
  return scope
}

function readFrom(tokens: readonly SqlToken[], scope: Scope): void {
  let expectsTable = true
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as SqlToken
    if (isWord(token, 'on')) {
      const rest = tokens.slice(at + 1)
      const end = rest.findIndex((other) => (other.kind === 'word' && joins.has(other.text)) || (other.kind === 'sign' && other.text === ','))
      const condition = end === -1 ? rest : rest.slice(0, end)
      readConditions(condition, scope)
      at += condition.length
    } else if (token.kind === 'sign' && token.text === ',') expectsTable = true
    else if (token.kind === 'group') expectsTable = false
    else if (token.kind === 'word' && joins.has(token.text)) expectsTable = true
    else if (expectsTable && (token.kind === 'name' || token.kind === 'word') && !isWord(token, 'only')) {
      // A function that gives rows is no table.
      const isQualified = tokens[at + 1]?.text === '.'
      const nameAt = isQualified ? at + 2 : at
      const name = tokens[nameAt]
      const isCall = tokens[nameAt + 1]?.kind === 'group'
      const aliasAt = isWord(tokens[nameAt + 1], 'as') ? nameAt + 2 : nameAt + 1
      const alias = tokens[aliasAt]
      const hasAlias = alias !== undefined && (alias.kind === 'name' || (alias.kind === 'word' && !joins.has(alias.text)))
      if (name !== undefined && !isCall) scope.tables.push({ table: name.text, alias: hasAlias ? alias.text : name.text })
      at = hasAlias ? aliasAt : nameAt
      expectsTable = false
    }
  }
}

/** Conditions that all have to hold; of those joined by `or` none counts. */
function readConditions(tokens: readonly SqlToken[], scope: Scope): void {
  if (tokens.some((token) => isWord(token, 'or'))) {
    scope.hindrances.push('conditions are joined by or')
    return
  }
  const parts: SqlToken[][] = [[]]
  let between = false
  for (const token of tokens) {
    if (isWord(token, 'between')) between = true
    if (isWord(token, 'and') && !between) parts.push([])
    else {
      if (isWord(token, 'and')) between = false
      parts.at(-1)?.push(token)
    }
  }
  for (const part of parts) readCondition(part, scope)
}

function readCondition(tokens: readonly SqlToken[], scope: Scope): void {
  const [first] = tokens
  if (first?.kind === 'group' && tokens.length === 1) {
    if (!isWord(first.tokens[0], 'select')) readConditions(first.tokens, scope)
    return
  }
  const parameters = parametersOf(tokens)
  const left = readReference(tokens, 0)
  const sign = left === undefined ? undefined : tokens[left.end]
  if (left === undefined || sign === undefined) {
    const right = tokens.findIndex((token) => token.kind === 'sign' && comparisons.has(token.text))
    const other = right === -1 ? undefined : readReference(tokens, right + 1)
    if (other !== undefined && tokens[0]?.kind !== 'group' && tokens[1]?.kind !== 'group')
      scope.conditions.push({ ...other, kind: tokens[right]?.text === '=' ? 'equal' : 'range', parameters })
    else if (tokens.some((token) => isWord(token, 'like', 'ilike')))
      scope.hindrances.push('a part of a text is looked for with like, where full-text search helps')
    else if (tokens.some((token) => token.kind === 'group') && !tokens.some((token) => isWord(token, 'exists', 'match')))
      scope.hindrances.push('an expression is compared instead of a column')
    return
  }
  if (isWord(sign, 'like', 'ilike', 'regexp')) scope.hindrances.push('a part of a text is looked for with like, where full-text search helps')
  else if (isWord(sign, 'is')) {
    if (isWord(tokens[left.end + 1], 'null')) scope.conditions.push({ ...left, kind: 'null', parameters })
  } else if (isWord(sign, 'in')) scope.conditions.push({ ...left, kind: 'equal', parameters })
  else if (isWord(sign, 'between')) scope.conditions.push({ ...left, kind: 'range', parameters })
  else if (sign.kind === 'sign' && comparisons.has(sign.text)) {
    if (isWord(tokens[left.end + 1], 'all')) return
    const other = readReference(tokens, left.end + 1)
    if (other === undefined || other.end !== tokens.length) scope.conditions.push({ ...left, kind: sign.text === '=' ? 'equal' : 'range', parameters })
    // Either may be looked up by the other.
    else if (sign.text === '=') scope.conditions.push({ ...left, kind: 'joined', parameters: [] }, { ...other, kind: 'joined', parameters: [] })
  }
}

const comparisons = new Set(['=', '<', '<=', '>', '>='])

/** A column, perhaps after its table; undefined for anything else, such as a call. */
function readReference(tokens: readonly SqlToken[], start: number): Reference | undefined {
  const first = tokens[start]
  if (first === undefined || (first.kind !== 'name' && first.kind !== 'word') || isWord(first, 'not', 'exists', 'any', 'all', 'cast', 'null', 'true', 'false'))
    return undefined
  if (tokens[start + 1]?.text !== '.') return tokens[start + 1]?.kind === 'group' ? undefined : { qualifier: undefined, column: first.text, end: start + 1 }
  const second = tokens[start + 2]
  if (second === undefined || (second.kind !== 'name' && second.kind !== 'word') || tokens[start + 3]?.kind === 'group') return undefined
  return { qualifier: first.text, column: second.text, end: start + 3 }
}

function parametersOf(tokens: readonly SqlToken[]): number[] {
  return tokens.flatMap((token) => (token.kind === 'parameter' ? [token.at] : token.kind === 'group' ? parametersOf(token.tokens) : []))
}

function readOrder(tokens: readonly SqlToken[]): Scope['order'] {
  const parts: SqlToken[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'sign' && token.text === ',') parts.push([])
    else parts.at(-1)?.push(token)
  }
  const found = parts.map((part) => {
    const reference = readReference(part, 0)
    const rest = reference === undefined ? [] : part.slice(reference.end).map(({ text }) => text)
    return reference === undefined ? undefined : { ...reference, descending: rest[0] === 'desc' }
  })
  const [first] = found
  return first !== undefined && found.every((part) => part !== undefined && part.descending === first.descending)
    ? (found as NonNullable<(typeof found)[number]>[])
    : undefined
}
