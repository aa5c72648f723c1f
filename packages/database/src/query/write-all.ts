import { fail } from '../errors.ts'
import type { ModelDefinition } from '../model/definition.ts'
import { now } from '../model/now.ts'
import { runWritten } from './aggregate.ts'
import type { ModelQuery } from './model-query.ts'
import type { QueryState } from './query-state.ts'
import { writeWhere } from './write-conditions.ts'

/** A column that changes by an amount, in the database, so that simultaneous changes all count. */
export interface Step {
  readonly by: unknown
  readonly sign: '+' | '-'
}

const stepped: ReadonlySet<string> = new Set(['integer', 'bigint', 'float', 'decimal'])

/** `update … set … where …`; keeps `updatedAt` and counts the version up. Gives the number of records that matched. */
export async function updateAll(query: ModelQuery, values: Readonly<Record<string, unknown>>, steps: Readonly<Record<string, Step>>): Promise<number> {
  const { definition } = query
  const state = checkedState(query, 'update')
  const assigned = Object.entries(withUpkeep(definition, values)).filter(([, value]) => value !== undefined)
  for (const [name] of assigned) definition.column(name)
  const changes: [string, Step][] = Object.entries(steps)
  const { version } = definition
  if (version !== undefined && !(version.name in values)) changes.push([version.name, { by: 1, sign: '+' }])
  for (const [name, { by }] of changes) {
    const { facts } = definition.column(name)
    if (!stepped.has(facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: definition.name, column: name, type: facts.type })
    if (by === undefined || by === null) throw fail('QUERY_VALUE_UNDEFINED', { model: definition.name, column: name })
  }
  if (Object.values(values).every((value) => value === undefined) && Object.keys(steps).length === 0)
    throw fail('QUERY_WHERE_EMPTY', { model: definition.name })
  const result = runWritten(query, 'update', (out, model) => {
    out.add('', `update ${model.table} set `)
    assigned.forEach(([name, value], index) => {
      const column = model.column(definition.column(name).index)
      out.add(`${column.code}=`, `${index > 0 ? ', ' : ''}${column.quoted} = `)
      out.value(column.cast.encode(value))
    })
    changes.forEach(([name, { by, sign }], index) => {
      const column = model.column(definition.column(name).index)
      const exact = out.dialect === 'sqlite' && column.facts.type === 'decimal'
      // PostgreSQL would otherwise guess the type of the value from nothing.
      const current = `${model.table}.${column.quoted}`
      out.add(
        `${column.code}${sign}`,
        `${assigned.length + index > 0 ? ', ' : ''}${column.quoted} = ${exact ? `printf('%.${column.facts.scale ?? 2}f', round(cast(${current} as real) ${sign} cast(` : `${current} ${sign} `}`,
      )
      out.value(column.cast.encode(by))
      out.add('', exact ? ` as real), ${column.facts.scale ?? 2}))` : '')
    })
    writeWhere(out, state, model.table)
  })
  return (result instanceof Promise ? await result : result).rowCount
}

function withUpkeep(definition: ModelDefinition, values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { updatedAt } = definition
  return updatedAt === undefined || updatedAt.name in values ? values : { ...values, [updatedAt.name]: now() }
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
