import { fail } from '../errors.ts'
import { filterOperators, type FilterOperator } from './operators.ts'

/** A condition as it stands in a query, not yet judged. */
export interface AskedFilter {
  readonly field: string
  readonly operator: FilterOperator
  /** The parameter's name, for messages. */
  readonly parameter: string
  readonly text: string
}

export interface AskedOrder {
  readonly field: string
  readonly descending: boolean
}

export interface FilterLimits {
  /** Conditions. Default 20. */
  readonly maxFilters: number
  /** Fields to sort by. Default 5. */
  readonly maxSorts: number
  /** Values of `in` and `nin`. Default 100. */
  readonly maxValues: number
  /** Characters of one value. Default 1,000. */
  readonly maxLength: number
}

export const defaultFilterLimits: FilterLimits = { maxFilters: 20, maxSorts: 5, maxValues: 100, maxLength: 1_000 }

const parameterPattern = /^filter\[([A-Za-z_]\w*)\](?:\[([a-z]+)\])?$/

/**
 * The parameters `filter[price]=…` and `filter[price][lte]=…` of a query; a name without operator means equality.
 *
 * @throws `FILTER_MALFORMED`, `FILTER_OPERATOR_UNKNOWN`, `FILTERS_TOO_MANY` (400)
 */
export function parseFilters(query: Readonly<Record<string, unknown>>, limits: FilterLimits = defaultFilterLimits): readonly AskedFilter[] {
  const filters: AskedFilter[] = []
  for (const parameter of Object.keys(query)) {
    if (!parameter.startsWith('filter')) continue
    const [, field, operator = 'eq'] = parameterPattern.exec(parameter) ?? []
    if (field === undefined) throw fail('FILTER_MALFORMED', { parameter: parameter.slice(0, 100), expected: 'filter[field] or filter[field][operator]' })
    if (!isOperator(operator)) throw fail('FILTER_OPERATOR_UNKNOWN', { parameter, operator, allowed: filterOperators })
    const value = query[parameter]
    if (typeof value !== 'string') throw fail('FILTER_MALFORMED', { parameter, expected: 'one value; several go into one, as filter[field][in]=a,b' })
    if (value.length > limits.maxLength) throw fail('FILTERS_TOO_MANY', { what: `characters in ${parameter}`, most: limits.maxLength })
    if (filters.push({ field, operator, parameter, text: value }) > limits.maxFilters) throw fail('FILTERS_TOO_MANY', { what: 'filters', most: limits.maxFilters })
  }
  return filters
}

function isOperator(text: string): text is FilterOperator {
  return (filterOperators as readonly string[]).includes(text)
}

/**
 * Reads `-price,year`: by price downwards, then by year.
 *
 * @throws `FILTER_MALFORMED`, `FILTERS_TOO_MANY` (400)
 */
export function parseSort(value: unknown, limits: FilterLimits = defaultFilterLimits): readonly AskedOrder[] {
  if (value === undefined || value === '') return []
  if (typeof value !== 'string') throw fail('FILTER_MALFORMED', { parameter: 'sort', expected: 'one value, such as sort=-price,year' })
  const names = value.split(',', limits.maxSorts + 1)
  if (names.length > limits.maxSorts) throw fail('FILTERS_TOO_MANY', { what: 'fields in sort', most: limits.maxSorts })
  const orders = names.map((name): AskedOrder => {
    const descending = name.startsWith('-')
    const field = descending ? name.slice(1) : name
    if (!/^[A-Za-z_]\w*$/.test(field)) throw fail('FILTER_MALFORMED', { parameter: 'sort', expected: 'names between commas, each with - before it for descending order' })
    return { field, descending }
  })
  if (new Set(orders.map(({ field }) => field)).size < orders.length) throw fail('FILTER_MALFORMED', { parameter: 'sort', expected: 'each name once' })
  return orders
}
