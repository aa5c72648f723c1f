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
import { writeStep, type Step } from './write-step.ts'

const noSteps: Readonly<Record<string, Step>> = {}
const stepped: ReadonlySet<string> = new Set(['integer', 'bigint', 'float', 'decimal'])

/** `update … set … where …`; keeps `updatedAt` and counts the version up. Gives the number of records that matched. */
export function updateAll(query: ModelQuery, values: Readonly<Record<string, unknown>>, steps?: Readonly<Record<string, Step>>): Promise<number> {
  // An async function costs more than all the rest where the database answers at once.
  try {
    const result = updateRows(query, values, steps, false)
    return result instanceof Promise ? result.then(countOf) : Promise.resolve(result.rowCount)
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

function countOf({ rowCount }: Rows): number {
  return rowCount
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

function writeAssignments(
  out: SqlWriter,
  model: DialectModel,
  values: Readonly<Record<string, unknown>>,
  steps: Readonly<Record<string, Step>> | undefined,
): void {
  const { definition } = model
  const { updatedAt, version } = definition
  let further = false
  for (const name in values) {
    const value = values[name]
    if (value === undefined) continue
    writeAssignment(out, model.column(definition.column(name).index), value, further)
    further = true
  }
  for (const name in steps ?? noSteps) {
    const step = (steps as Readonly<Record<string, Step>>)[name] as Step
    const column = model.column(definition.column(name).index)
    if (!stepped.has(column.facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: definition.name, column: name, type: column.facts.type })
    if (step.by === undefined || step.by === null) throw fail('QUERY_VALUE_UNDEFINED', { model: definition.name, column: name })
    if (further) out.add(',', ', ')
    writeStep(out, column, step)
    further = true
  }
  if (!further) throw fail('QUERY_WHERE_EMPTY', { model: definition.name })
  if (updatedAt !== undefined && !(updatedAt.name in values)) writeAssignment(out, model.column(updatedAt.index), now(), true)
  if (version !== undefined && !(version.name in values)) {
    out.add(',', ', ')
    writeStep(out, model.column(version.index), { by: 1, sign: '+' })
  }
}

function writeAssignment(out: SqlWriter, { code, quoted, cast }: DialectColumn, value: unknown, further: boolean): void {
  if (further) out.add(',', ', ')
  out.add(code, quoted)
  out.add('=', ' = ')
  out.value(cast.encode(value))
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
  if (state.conditions.length === 0 && state.within.length === 0 && !state.everything) throw fail('QUERY_EVERYTHING', { model: definition.name, what })
  if (state.limit !== undefined || state.offset !== undefined || state.orders.length > 0 || state.distinct)
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what, with: 'limit, offset, orderBy or distinct' })
  return query.prepared()
}
