import type { Awaitable } from 'glueful'
import type { Rows } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import type { DialectColumn, DialectModel } from '../model/dialect-model.ts'
import { now } from '../model/now.ts'
import { runWritten } from './aggregate.ts'
import type { ModelQuery } from './model-query.ts'
import type { QueryState } from './query-state.ts'
import type { SqlWriter } from './sql-writer.ts'
import { writeWhere } from './write-conditions.ts'

/** A column that changes by an amount, in the database, so that simultaneous changes all count. */
export interface Step {
  readonly by: unknown
  readonly sign: '+' | '-'
}

const stepped: ReadonlySet<string> = new Set(['integer', 'bigint', 'float', 'decimal'])

/** `update … set … where …`; keeps `updatedAt` and counts the version up. Gives the number of records that matched. */
export async function updateAll(query: ModelQuery, values: Readonly<Record<string, unknown>>, steps?: Readonly<Record<string, Step>>): Promise<number> {
  const result = updateRows(query, values, steps, false)
  return (result instanceof Promise ? await result : result).rowCount
}

/** The same, with all columns of the records where they are to be returned; not on MySQL, which has no such thing. */
export function updateRows(
  query: ModelQuery,
  values: Readonly<Record<string, unknown>>,
  steps: Readonly<Record<string, Step>> | undefined,
  returning: boolean,
): Awaitable<Rows> {
  const state = checkedState(query, 'update')
  return runWritten(query, 'update', (out, model) => {
    out.add('', model.updateStart)
    writeAssignments(out, model, values, steps)
    writeWhere(out, state, model.table)
    if (returning) out.add(' r', ` returning ${model.selectList}`)
  })
}

function writeAssignments(out: SqlWriter, model: DialectModel, values: Readonly<Record<string, unknown>>, steps: Readonly<Record<string, Step>> = {}): void {
  const { definition } = model
  const { updatedAt, version } = definition
  let further = false
  for (const name in values) {
    const value = values[name]
    if (value === undefined) continue
    writeAssignment(out, model.column(definition.column(name).index), value, further)
    further = true
  }
  for (const name in steps) {
    const { by, sign } = steps[name] as Step
    const column = model.column(definition.column(name).index)
    if (!stepped.has(column.facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: definition.name, column: name, type: column.facts.type })
    if (by === undefined || by === null) throw fail('QUERY_VALUE_UNDEFINED', { model: definition.name, column: name })
    writeStep(out, column, by, sign, further)
    further = true
  }
  if (!further) throw fail('QUERY_WHERE_EMPTY', { model: definition.name })
  if (updatedAt !== undefined && !(updatedAt.name in values)) writeAssignment(out, model.column(updatedAt.index), now(), true)
  if (version !== undefined && !(version.name in values)) writeStep(out, model.column(version.index), 1, '+', true)
}

function writeAssignment(out: SqlWriter, { code, quoted, cast }: DialectColumn, value: unknown, further: boolean): void {
  if (further) out.add(',', ', ')
  out.add(code, quoted)
  out.add('=', ' = ')
  out.value(cast.encode(value))
}

function writeStep(out: SqlWriter, { code, quoted, qualified, facts, cast }: DialectColumn, by: unknown, sign: Step['sign'], further: boolean): void {
  if (further) out.add(',', ', ')
  out.add(code, quoted)
  const exact = out.dialect === 'sqlite' && facts.type === 'decimal'
  const scale = facts.scale ?? 2
  // PostgreSQL would otherwise guess the type of the value from nothing.
  out.add(sign, exact ? ` = printf('%.${scale}f', round(cast(${qualified} as real) ${sign} cast(` : ` = ${qualified} ${sign} `)
  out.value(cast.encode(by))
  out.add('', exact ? ` as real), ${scale}))` : '')
}

export async function deleteAll(query: ModelQuery): Promise<number> {
  return (await deleteRows(query, false)).rowCount
}

export function deleteRows(query: ModelQuery, returning: boolean): Awaitable<Rows> {
  const state = checkedState(query, 'delete')
  return runWritten(query, 'delete', (out, model) => {
    out.add('', `delete from ${model.table}`)
    writeWhere(out, state, model.table)
    if (returning) out.add(' r', ` returning ${model.selectList}`)
  })
}

export function checkedState(query: ModelQuery, what: string): QueryState {
  const { definition, state } = query
  if (state.through !== undefined) throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what, with: 'a relation over a table between' })
  if (state.conditions.length === 0 && !state.everything) throw fail('QUERY_EVERYTHING', { model: definition.name, what })
  if (state.limit !== undefined || state.offset !== undefined || state.orders.length > 0 || state.distinct)
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what, with: 'limit, offset, orderBy or distinct' })
  return query.prepared()
}
