import type { Awaitable } from 'glueful'
import type { Database } from '../connection/database.ts'
import type { Rows } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'
import type { DialectModel } from '../model/dialect-model.ts'
import type { StatementNode } from '../sql/statement-tree.ts'
import { notComparable } from './condition-builder.ts'
import type { ModelQuery } from './model-query.ts'
import type { HavingFunction, QueryState } from './query-state.ts'
import { readSum } from './read-number.ts'
import { readRows } from './read-rows.ts'
import { SqlWriter } from './sql-writer.ts'
import { comparableSumOf, sumOf, writeFrom, writeSelect } from './write-select.ts'

const functions: ReadonlySet<string> = new Set<HavingFunction>(['count', 'sum', 'avg', 'min', 'max'])
const summable: ReadonlySet<string> = new Set(['integer', 'bigint', 'float', 'decimal'])

type Write = (out: SqlWriter, model: DialectModel) => void

/** Runs a statement that is written in pieces, through the model's tree of statements. */
export function runWritten(query: ModelQuery, kind: string, write: Write): Awaitable<Rows> {
  const { database } = query
  const { text, params } = writtenText(query, database, kind, write)
  return database.execute(text, params)
}

/** The same for one that reads: from the application's cache where the query says so. */
export function readWritten(query: ModelQuery, state: QueryState, kind: string, write: Write): Awaitable<Rows> {
  const { text, params } = writtenText(query, query.database, kind, write)
  return readRows(query, state, text, params)
}

function writtenText(query: ModelQuery, database: Database, kind: string, write: Write): { readonly text: string; readonly params: readonly unknown[] } {
  const model = query.definition.on(database.dialect)
  const out = new SqlWriter(database.dialect, model.tree.root)
  out.add(kind, '')
  write(out, model)
  const node = out.node as StatementNode
  if (node.statement === undefined) {
    const text = new SqlWriter(database.dialect)
    write(text, model)
    node.statement = text.text
  }
  return { text: node.statement as string, params: out.params }
}

export async function countAll(query: ModelQuery): Promise<number> {
  const state = query.prepared()
  const nested = state.limit !== undefined || state.offset !== undefined || state.distinct
  const { rows } = await readWritten(query, state, 'count', (out, model) => {
    out.add(nested ? 'n' : '', nested ? 'select count(*) from (' : 'select count(*)')
    if (nested) {
      writeSelect(out, { ...state, numbers: [], lock: undefined })
      out.add(')', ') counted')
    } else writeFrom(out, state, model)
  })
  return Number(rows[0]?.[0] ?? 0)
}

export async function exists(query: ModelQuery): Promise<boolean> {
  const state = query.prepared()
  const { rows } = await readWritten(query, state, 'exists', (out, model) => {
    out.add('', 'select 1')
    writeFrom(out, state, model)
    out.add('', ' limit 1')
  })
  return rows.length > 0
}

export async function aggregate(query: ModelQuery, fn: 'sum' | 'avg' | 'min' | 'max', name: string): Promise<unknown> {
  const { definition } = query
  const column = definition.column(name)
  checkAggregate(definition, fn, column)
  const state = query.prepared()
  refuseWindow(query, state, fn)
  const { rows } = await readWritten(query, state, fn, (out, model) => {
    out.add(model.column(column.index).code, `select ${aggregateText(fn, model, column, out)}`)
    writeFrom(out, state, model)
  })
  return readAggregate(fn, rows[0]?.[0], query.definition.on(query.database.dialect), column)
}

/** @throws `COLUMN_NOT_COMPARABLE`, and `QUERY_VALUE_INVALID` for what is no function */
export function checkAggregate({ name: model }: ModelDefinition, fn: HavingFunction, column: ModelColumn | undefined): void {
  if (!functions.has(fn)) throw fail('QUERY_VALUE_INVALID', { model, column: 'aggregate', found: JSON.stringify(fn), expected: [...functions].join(', ') })
  if (column === undefined) return
  const { name, facts } = column
  const fits = fn === 'sum' || fn === 'avg' ? summable.has(facts.type) : !notComparable.has(facts.type)
  if (!fits) throw fail('COLUMN_NOT_COMPARABLE', { model, column: name, type: facts.type })
}

function refuseWindow(query: ModelQuery, state: QueryState, what: string): void {
  if (state.limit !== undefined || state.offset !== undefined || state.distinct)
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: query.definition.name, what, with: 'limit, offset or distinct' })
}

/** As `readAggregate` reads it, or as a number can be compared with it. */
export function aggregateText(fn: HavingFunction, model: DialectModel, column: ModelColumn | undefined, out: SqlWriter, compared = false): string {
  if (column === undefined) return 'count(*)'
  const found = model.column(column.index)
  if (fn === 'sum') return (compared ? comparableSumOf : sumOf)(found, found.qualified, out)
  const text = out.dialect === 'sqlite' && column.facts.type === 'decimal' ? `cast(${found.qualified} as numeric)` : found.qualified
  if (out.dialect === 'postgres' && (fn === 'min' || fn === 'max')) {
    // PostgreSQL has neither for these types. False comes before true, and uuids are in the order of their texts.
    if (column.facts.type === 'boolean') return `${fn === 'min' ? 'bool_and' : 'bool_or'}(${text})`
    if (column.facts.type === 'uuid') return `${fn}(${text}::text collate "C")`
  }
  return `${fn}(${text})`
}

export function readAggregate(fn: HavingFunction, raw: unknown, model: DialectModel, column: ModelColumn | undefined): unknown {
  if (fn === 'count' || column === undefined) return Number(raw)
  if (fn === 'sum') return readSum(column.facts, raw ?? 0, model.dialect)
  if (raw === null || raw === undefined) return null
  if (fn === 'avg') return Number(raw)
  const { decode } = model.column(column.index).cast
  return decode === undefined ? raw : decode(raw)
}
