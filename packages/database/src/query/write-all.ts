import { fail } from '../errors.ts'
import type { DialectColumn } from '../model/dialect-model.ts'
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

interface Assignment {
  readonly column: DialectColumn
  /** As it is bound. */
  readonly value: unknown
  /** Undefined where the value replaces what is there. */
  readonly sign: Step['sign'] | undefined
}

/** `update … set … where …`; keeps `updatedAt` and counts the version up. Gives the number of records that matched. */
export async function updateAll(query: ModelQuery, values: Readonly<Record<string, unknown>>, steps?: Readonly<Record<string, Step>>): Promise<number> {
  const state = checkedState(query, 'update')
  const assignments = assignmentsOf(query, values, steps)
  const result = runWritten(query, 'update', (out, model) => {
    out.add('', model.updateStart)
    for (let index = 0; index < assignments.length; index++) writeAssignment(out, assignments[index] as Assignment, index > 0)
    writeWhere(out, state, model.table)
  })
  return (result instanceof Promise ? await result : result).rowCount
}

function assignmentsOf(query: ModelQuery, values: Readonly<Record<string, unknown>>, steps: Readonly<Record<string, Step>> | undefined): Assignment[] {
  const { definition } = query
  const { updatedAt, version } = definition
  const model = definition.on(query.database.dialect)
  const assignments: Assignment[] = []
  const assign = (name: string, value: unknown, sign?: Step['sign']) => {
    const column = model.column(definition.column(name).index)
    assignments.push({ column, value: column.cast.encode(value), sign })
  }
  for (const name of Object.keys(values)) if (values[name] !== undefined) assign(name, values[name])
  if (assignments.length === 0 && (steps === undefined || Object.keys(steps).length === 0)) throw fail('QUERY_WHERE_EMPTY', { model: definition.name })
  if (updatedAt !== undefined && !(updatedAt.name in values)) assign(updatedAt.name, now())
  for (const name in steps) {
    const { by, sign } = steps[name] as Step
    const { facts } = definition.column(name)
    if (!stepped.has(facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: definition.name, column: name, type: facts.type })
    if (by === undefined || by === null) throw fail('QUERY_VALUE_UNDEFINED', { model: definition.name, column: name })
    assign(name, by, sign)
  }
  if (version !== undefined && !(version.name in values)) assign(version.name, 1, '+')
  return assignments
}

function writeAssignment(out: SqlWriter, { column, value, sign }: Assignment, further: boolean): void {
  const { quoted, facts } = column
  out.add(further ? ',' : '', further ? ', ' : '')
  out.add(column.code, quoted)
  if (sign === undefined) {
    out.add('=', ' = ')
    out.value(value)
    return
  }
  // PostgreSQL would otherwise guess the type of the value from nothing.
  const current = column.qualified
  const scale = facts.scale ?? 2
  const exact = out.dialect === 'sqlite' && facts.type === 'decimal'
  out.add(sign, exact ? ` = printf('%.${scale}f', round(cast(${current} as real) ${sign} cast(` : ` = ${current} ${sign} `)
  out.value(value)
  out.add('', exact ? ` as real), ${scale}))` : '')
}

export async function deleteAll(query: ModelQuery): Promise<number> {
  const state = checkedState(query, 'delete')
  const { rowCount } = await runWritten(query, 'delete', (out, model) => {
    out.add('', `delete from ${model.table}`)
    writeWhere(out, state, model.table)
  })
  return rowCount
}

function checkedState(query: ModelQuery, what: string): QueryState {
  const { definition, state } = query
  if (state.through !== undefined) throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what, with: 'a relation over a table between' })
  if (state.conditions.length === 0 && !state.everything) throw fail('QUERY_EVERYTHING', { model: definition.name, what })
  if (state.limit !== undefined || state.offset !== undefined || state.orders.length > 0 || state.distinct)
    throw fail('QUERY_SHAPE_UNSUPPORTED', { model: definition.name, what, with: 'limit, offset, orderBy or distinct' })
  return query.prepared()
}
