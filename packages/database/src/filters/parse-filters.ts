import { fail } from '../errors.ts'
import { at } from '../fields/parameter-fault.ts'

/** A condition as it stands in a query, not yet judged. */
export interface AskedFilter {
  readonly field: string
  readonly operator: string
  /** The parameter's name, for messages. */
  readonly parameter: string
  /** Several where the parameter was repeated. */
  readonly texts: readonly string[]
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
  /** Characters of one parameter. Default 1,000. */
  readonly maxLength: number
}

export const defaultFilterLimits: FilterLimits = { maxFilters: 20, maxSorts: 5, maxValues: 100, maxLength: 1_000 }

const path = '[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*'
const parameterPattern = new RegExp(`^filter\\[(${path})\\](?:\\[([A-Za-z_]\\w*)\\])?$`)
const fieldPattern = new RegExp(`^${path}$`)

/**
 * The parameters `filter[price]=…`, `filter[price][lte]=…` and `filter[dealer.city]=…` of a query; a name without operator
 * means equality.
 *
 * @throws `FILTER_MALFORMED`, `FILTERS_TOO_MANY` (400)
 */
export function parseFilters(query: Readonly<Record<string, unknown>>, limits: FilterLimits): readonly AskedFilter[] {
  const filters: AskedFilter[] = []
  for (const parameter of Object.keys(query)) {
    if (parameter !== 'filter' && !parameter.startsWith('filter[')) continue
    const value = query[parameter]
    if (value === undefined) continue
    const [, field, operator = 'eq'] = parameterPattern.exec(parameter) ?? []
    if (field === undefined) throw malformed(parameter, 'filter[field] or filter[field][operator]')
    const texts = Array.isArray(value) ? (value as unknown[]) : [value]
    if (!texts.every((text) => typeof text === 'string')) throw malformed(parameter, 'text')
    if (texts.length > limits.maxValues) throw tooMany(parameter, `values in ${parameter}`, limits.maxValues)
    if (texts.reduce((sum, text) => sum + text.length, 0) > limits.maxLength) throw tooMany(parameter, `characters in ${parameter}`, limits.maxLength)
    if (filters.push({ field, operator, parameter, texts }) > limits.maxFilters) throw tooMany(parameter, 'filters', limits.maxFilters)
  }
  return filters
}

/**
 * Reads `-price,year`: by price downwards, then by year.
 *
 * @throws `FILTER_MALFORMED`, `FILTERS_TOO_MANY` (400)
 */
export function parseSort(value: unknown, limits: FilterLimits): readonly AskedOrder[] {
  if (value === undefined || value === '') return []
  if (typeof value !== 'string') throw malformed('sort', 'one value, such as sort=-price,year')
  const names = value.split(',', limits.maxSorts + 1)
  if (names.length > limits.maxSorts) throw tooMany('sort', 'fields in sort', limits.maxSorts)
  const orders = names.map((name): AskedOrder => {
    const descending = name.startsWith('-')
    const field = descending ? name.slice(1) : name
    if (!fieldPattern.test(field)) throw malformed('sort', 'names between commas, each with - before it for descending order')
    return { field, descending }
  })
  if (new Set(orders.map(({ field }) => field)).size < orders.length) throw malformed('sort', 'each name once')
  return orders
}

export function malformed(parameter: string, expected: string): Error {
  return fail('FILTER_MALFORMED', { parameter: parameter.slice(0, 100), expected }, at(parameter, 'invalid_format', `expected ${expected}`))
}

export function tooMany(parameter: string, what: string, most: number): Error {
  return fail('FILTERS_TOO_MANY', { what: what.slice(0, 150), most }, at(parameter, 'too_big', `more than ${most}`))
}
