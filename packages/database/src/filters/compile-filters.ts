import { suggest } from 'glueful'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { fail } from '../errors.ts'
import { at } from '../fields/parameter-fault.ts'
import { readText, readTruth, readValueOf, valueInvalid, type ReadValue } from './filter-value.ts'
import { filterOperators, operatorsOf, type FilterOperator } from './operators.ts'
import { malformed, tooMany, type AskedFilter, type AskedOrder, type FilterLimits } from './parse-filters.ts'

/** What one filter adds to a query, of the model that its relations lead to. */
export interface JudgedFilter {
  readonly relations: readonly string[]
  readonly apply: (query: ModelQuery) => void
}

export interface FilterColumn {
  readonly column: ModelColumn
  /** The way from the list's model to the column's. */
  readonly relations: readonly string[]
  /** The first relation on the way that leads to many records. */
  readonly many: string | undefined
  readonly operators: readonly FilterOperator[]
  readonly read: ReadValue
}

/** What a list may be filtered, sorted and searched by; nothing that was not declared. */
export interface CompiledFilters {
  readonly columns: ReadonlyMap<string, FilterColumn>
  readonly sorts: readonly string[]
  /** Columns whose texts are looked through, or the model's own search by words. */
  readonly search: readonly string[] | 'fullText'
}

export interface DeclaredFilters {
  readonly filter?: Readonly<Record<string, true | readonly string[] | undefined>> | undefined
  readonly sort?: readonly string[] | undefined
  readonly search?: readonly string[] | 'fullText' | undefined
}

/** @throws `LIST_QUERY_INVALID` */
export function compileFilters(
  definition: ModelDefinition,
  { filter = {}, sort = [], search = [] }: DeclaredFilters,
  { maxDepth }: { readonly maxDepth: number },
): CompiledFilters {
  const columns = new Map<string, FilterColumn>()
  for (const [name, declared] of Object.entries(filter)) {
    if (declared === undefined) continue
    const { relations, target, name: last, many } = followPath(definition, name, 'filter', maxDepth)
    const column = visibleColumn(target, last, 'filter')
    const possible = operatorsOf(column.facts.type, column.facts.nullable)
    const operators = declared === true ? possible : filterOperators.filter((operator) => declared.includes(operator))
    const wrong = declared === true ? undefined : declared.find((operator) => !(possible as readonly string[]).includes(operator))
    if (wrong !== undefined || possible.length === 0) {
      const what = possible.length === 0 ? 'cannot be filtered' : `has no operator ${wrong}; it has ${possible.join(', ')}`
      throw invalid(definition, `filter: the column ${name} (${column.facts.type}) ${what}`)
    }
    columns.set(name, { column, relations, many, operators, read: readValueOf(name, column.facts) })
  }
  for (const name of sort) {
    const { target, name: last, many } = followPath(definition, name, 'sort', maxDepth)
    const { facts } = visibleColumn(target, last, 'sort')
    refuseMany(definition, name, 'sort', many)
    if (unsortable.has(facts.type)) throw invalid(definition, `sort: the column ${name} (${facts.type}) has no order`)
  }
  if (search === 'fullText' && definition.model.options.fullText === undefined) throw invalid(definition, "search: 'fullText' of a model without fullText")
  for (const name of search === 'fullText' ? [] : search) {
    const { facts } = visibleColumn(definition, name, 'search')
    if (facts.type !== 'string' && facts.type !== 'text') throw invalid(definition, `search: the column ${name} (${facts.type}) is no text`)
  }
  return { columns, sorts: sort, search }
}

const unsortable: ReadonlySet<string> = new Set(['json', 'binary', 'encrypted'])

/** A path such as `dealer.city`, followed. */
interface FollowedPath {
  readonly relations: readonly string[]
  readonly target: ModelDefinition
  readonly name: string
  /** The first relation on the way that leads to many records. */
  readonly many: string | undefined
}

function followPath(definition: ModelDefinition, path: string, option: string, most: number): FollowedPath {
  const relations = path.split('.')
  const name = relations.pop() as string
  if (relations.length > most) throw invalid(definition, `${option}: ${path} goes deeper than ${most} relations (limits.maxDepth)`)
  let target = definition
  let many: string | undefined
  for (const relation of relations) {
    const suggestion = suggest(relation, target.relationNames)
    const hint = suggestion === undefined ? '' : `; is ${suggestion} meant?`
    if (!target.relationNames.includes(relation)) throw invalid(definition, `${option}: ${path}: ${target.name} has no relation ${relation}${hint}`)
    const bound = target.relation(relation)
    if (bound.target === undefined) throw invalid(definition, `${option}: ${path}: the relation ${relation} leads to several models`)
    if (bound.many) many ??= relation
    target = bound.target
  }
  return { relations, target, name, many }
}

/**
 * Checks an order that the application itself asks for: by any column, hidden ones included.
 * @throws `LIST_QUERY_INVALID`
 */
export function requireOrder(definition: ModelDefinition, path: string, most: number): void {
  const { target, name, many } = followPath(definition, path, 'defaultSort', most)
  if (!target.has(name)) throw invalid(definition, `defaultSort: there is no column ${path}`)
  refuseMany(definition, path, 'defaultSort', many)
}

function refuseMany(definition: ModelDefinition, path: string, option: string, many: string | undefined): void {
  if (many !== undefined) throw invalid(definition, `${option}: ${path} goes over ${many}, which leads to many records, none of which is the one to sort by`)
}

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
export function judgeFilter({ columns }: CompiledFilters, asked: AskedFilter, limits: FilterLimits): JudgedFilter {
  const { field, parameter } = asked
  const found = columns.get(field)
  if (found === undefined) throw unknown(parameter, field, 'filtered', [...columns.keys()])
  return { relations: found.relations, apply: judgeCondition(found, asked, limits) }
}

function judgeCondition({ column, operators, read }: FilterColumn, { operator, parameter, texts }: AskedFilter, limits: FilterLimits): JudgedFilter['apply'] {
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

/** Filters of the same relation speak of the same record: it exists, or the owner is not found. */
export function applyFilters(query: ModelQuery, filters: readonly JudgedFilter[]): void {
  const related = new Map<string, JudgedFilter[]>()
  for (const { relations, apply } of filters) {
    const [first, ...rest] = relations
    if (first === undefined) apply(query)
    else related.set(first, [...(related.get(first) ?? []), { relations: rest, apply }])
  }
  for (const [name, inner] of related) query.whereHas(name, (target) => applyFilters(target, inner))
}

export function applyOrder(query: ModelQuery, { field, descending }: AskedOrder): void {
  const direction = descending ? 'desc' : 'asc'
  const end = field.lastIndexOf('.')
  if (end === -1) query.orderBy(field, direction)
  else query.orderByRelated(field.slice(0, end), field.slice(end + 1), direction)
}

/** @throws `FILTER_UNKNOWN` (400) */
export function judgeSort({ sorts }: CompiledFilters, orders: readonly AskedOrder[]): void {
  for (const { field } of orders) if (!sorts.includes(field)) throw unknown('sort', field, 'sorted', sorts)
}

function unknown(parameter: string, field: string, what: string, allowed: readonly string[]): Error {
  return fail(
    'FILTER_UNKNOWN',
    { parameter, field, what, allowed, suggestion: suggest(field, allowed) },
    at(parameter, 'unknown_field', allowed.length === 0 ? 'nothing is allowed' : `allowed are ${allowed.slice(0, 50).join(', ')}`),
  )
}
