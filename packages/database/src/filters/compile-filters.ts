import { suggest } from 'glueful'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { fail } from '../errors.ts'
import { at } from '../fields/parameter-fault.ts'
import { readText, readTruth, readValueOf, valueInvalid, type ReadValue } from './filter-value.ts'
import { filterOperators, operatorsOf, type FilterOperator } from './operators.ts'
import { malformed, tooMany, type AskedFilter, type AskedOrder, type FilterLimits } from './parse-filters.ts'

/** What one filter adds to a query. */
export type ApplyFilter = (query: ModelQuery) => void

export interface FilterColumn {
  readonly column: ModelColumn
  readonly operators: readonly FilterOperator[]
  readonly read: ReadValue
}

/** What a list may be filtered, sorted and searched by; nothing that was not declared. */
export interface CompiledFilters {
  readonly columns: ReadonlyMap<string, FilterColumn>
  readonly sorts: readonly string[]
  readonly search: readonly string[]
}

export interface DeclaredFilters {
  readonly filter?: Readonly<Record<string, true | readonly string[] | undefined>> | undefined
  readonly sort?: readonly string[] | undefined
  readonly search?: readonly string[] | undefined
}

/** @throws `LIST_QUERY_INVALID` */
export function compileFilters(definition: ModelDefinition, { filter = {}, sort = [], search = [] }: DeclaredFilters): CompiledFilters {
  const columns = new Map<string, FilterColumn>()
  for (const [name, declared] of Object.entries(filter)) {
    if (declared === undefined) continue
    const column = visibleColumn(definition, name, 'filter')
    const possible = operatorsOf(column.facts.type, column.facts.nullable)
    const operators = declared === true ? possible : filterOperators.filter((operator) => declared.includes(operator))
    const wrong = declared === true ? undefined : declared.find((operator) => !(possible as readonly string[]).includes(operator))
    if (wrong !== undefined || possible.length === 0) {
      const what = possible.length === 0 ? 'cannot be filtered' : `has no operator ${wrong}; it has ${possible.join(', ')}`
      throw invalid(definition, `filter: the column ${name} (${column.facts.type}) ${what}`)
    }
    columns.set(name, { column, operators, read: readValueOf(name, column.facts) })
  }
  for (const name of sort) {
    const { facts } = visibleColumn(definition, name, 'sort')
    if (unsortable.has(facts.type)) throw invalid(definition, `sort: the column ${name} (${facts.type}) has no order`)
  }
  for (const name of search) {
    const { facts } = visibleColumn(definition, name, 'search')
    if (facts.type !== 'string' && facts.type !== 'text') throw invalid(definition, `search: the column ${name} (${facts.type}) is no text`)
  }
  return { columns, sorts: sort, search }
}

const unsortable: ReadonlySet<string> = new Set(['json', 'binary', 'encrypted'])

/** A column that clients may know of. */
function visibleColumn(definition: ModelDefinition, name: string, option: string): ModelColumn {
  const names = definition.columns.filter(({ facts }) => !facts.hidden).map((column) => column.name)
  const suggestion = suggest(name, names)
  if (!definition.has(name)) throw invalid(definition, `${option}: there is no column ${name}${suggestion === undefined ? '' : `; is ${suggestion} meant?`}`)
  const column = definition.column(name)
  if (column.facts.hidden) throw invalid(definition, `${option}: the column ${name} is hidden, and its values could be guessed through it`)
  return column
}

export function invalid({ name }: ModelDefinition, problem: string): Error {
  return fail('LIST_QUERY_INVALID', { model: name, problem })
}

/** @throws `FILTER_UNKNOWN`, `FILTER_OPERATOR_UNKNOWN`, `FILTER_VALUE_INVALID`, `FILTER_MALFORMED` (400) */
export function judgeFilter({ columns }: CompiledFilters, { field, operator, parameter, texts }: AskedFilter, limits: FilterLimits): ApplyFilter {
  const found = columns.get(field)
  if (found === undefined) throw unknown(parameter, field, 'filtered', [...columns.keys()])
  const { column, operators, read } = found
  const { name } = column
  if (!(operators as readonly string[]).includes(operator))
    throw fail('FILTER_OPERATOR_UNKNOWN', { parameter, operator, allowed: operators }, at(parameter, 'unknown_operator', `allowed are ${operators.join(', ')}`))
  const text = texts[0] as string
  if (operator === 'in' || operator === 'nin' || operator === 'between') {
    const parts = texts.length === 1 ? text.split(',') : texts
    if (parts.length > limits.maxValues) throw tooMany(parameter, `values in ${parameter}`, limits.maxValues)
    const values = parts.map((part) => read(part, parameter))
    if (operator === 'in') return (query) => void query.whereIn(name, values)
    if (operator === 'nin') return (query) => void query.whereNotIn(name, values)
    if (values.length !== 2) throw valueInvalid(parameter, 'two values between a comma')
    return (query) => void query.whereBetween(name, values[0], values[1])
  }
  if (texts.length > 1) throw malformed(parameter, 'one value')
  switch (operator as Exclude<FilterOperator, 'in' | 'nin' | 'between'>) {
    case 'null': {
      const wanted = readTruth(text, parameter)
      return (query) => void (wanted ? query.whereNull(name) : query.whereNotNull(name))
    }
    case 'contains': {
      const part = readText(text, parameter) as string
      return (query) => void query.whereContains(name, part)
    }
    case 'starts': {
      const part = readText(text, parameter) as string
      return (query) => void query.whereStartsWith(name, part)
    }
    case 'ends': {
      const part = readText(text, parameter) as string
      return (query) => void query.whereEndsWith(name, part)
    }
    default: {
      const value = read(text, parameter)
      return (query) => void query.where(name, comparisons[operator as keyof typeof comparisons], value)
    }
  }
}

const comparisons = { eq: '=', ne: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** @throws `FILTER_UNKNOWN` (400) */
export function judgeSort({ sorts }: CompiledFilters, orders: readonly AskedOrder[]): void {
  for (const { field } of orders) if (!sorts.includes(field)) throw unknown('sort', field, 'sorted', sorts)
}

/** Each word somewhere in one of the columns. */
export function applySearch(query: ModelQuery, columns: readonly string[], words: readonly string[]): void {
  for (const word of words) query.where((group: ModelQuery) => columns.forEach((column) => group.orWhere((one: ModelQuery) => one.whereContains(column, word))))
}

function unknown(parameter: string, field: string, what: string, allowed: readonly string[]): Error {
  return fail(
    'FILTER_UNKNOWN',
    { parameter, field, what, allowed, suggestion: suggest(field, allowed) },
    at(parameter, 'unknown_field', allowed.length === 0 ? 'nothing is allowed' : `allowed are ${allowed.slice(0, 50).join(', ')}`),
  )
}
