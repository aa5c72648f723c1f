import { z } from 'zod'
import { applyFilters, applyOrder, compileFilters, invalid, judgeFilter, judgeSort, requireOrder, type CompiledFilters } from '../filters/compile-filters.ts'
import { defaultFilterLimits, parseFilters, parseSort, type AskedOrder } from '../filters/parse-filters.ts'
import { readSearch } from '../filters/read-search.ts'
import { applySelection, defaultSelectionLimits, planSelection, type SelectionPlan } from '../fields/selection-plan.ts'
import { definitionOf, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { filterParameters, selectionParameters, sortParameter } from './describe-parameters.ts'
import { querySchema, type Compiled } from './query-schema.ts'
import type { ListInput, ListOptions, ListRequest, QueryFilterOptions, QuerySchema } from './list-query-types.ts'

/**
 * The parameters of a list: pages, filters, order, search, fields and relations, for the `query` of a route. Nothing can be
 * asked for that is not declared. What a client asks wrongly is answered by 400 with the parameter and what is allowed.
 *
 * @throws `LIST_QUERY_INVALID` when the application starts, for names that are no columns or relations, or are hidden
 * @throws `FILTER_UNKNOWN`, `FILTER_OPERATOR_UNKNOWN`, `FILTER_VALUE_INVALID`, `FILTER_MALFORMED`, `FILTERS_TOO_MANY`,
 * `FIELDS_UNKNOWN`, `FIELDS_MALFORMED`, `FIELDS_TOO_DEEP`, `FIELDS_TOO_MANY` (400) when a request is read
 *
 * @example
 * const CarQuery = listQuery(Car, { filter: { price: ['lt', 'lte'], make: true }, sort: ['price'], search: ['make'], expand: ['dealer'] })
 * route.get('/cars', { query: CarQuery }, ({ query }) => query.apply(Car.query()).paginate(query))
 */
export function listQuery<M extends AnyModel, const O extends ListOptions<M>>(model: M, options: O): QuerySchema<ListInput<M, O>, ListRequest<O>> {
  return querySchema(() => compileList(definitionOf(model), options as unknown as ListOptions<AnyModel>)) as QuerySchema<ListInput<M, O>, ListRequest<O>>
}

/**
 * Filters, order and search of a model, to be shared by its lists: `listQuery(Car, { ...CarFilter, perPage: 50 })`.
 *
 * @example
 * export const CarFilter = queryFilter(Car, { filter: { price: ['gte', 'lte'], make: true }, sort: ['price'] })
 */
export function queryFilter<M extends AnyModel, const O extends QueryFilterOptions<M>>(_model: M, options: O): O {
  return options
}

const lastPage = 1_000_000

function compileList(definition: ModelDefinition, options: ListOptions<AnyModel>): Compiled {
  const { perPage = 25, maxPerPage = 100, paging = 'number', extra = {}, defaultSort } = options
  const limits = { ...defaultFilterLimits, ...defaultSelectionLimits, ...options.limits }
  if (!Number.isSafeInteger(perPage) || !Number.isSafeInteger(maxPerPage) || perPage < 1 || perPage > maxPerPage)
    throw invalid(definition, `perPage: ${perPage} is no whole number from 1 to ${maxPerPage}`)
  const filters = compileFilters(definition, options, limits)
  const usual = parseSort(defaultSort, limits)
  for (const { field } of usual) requireOrder(definition, field, limits.maxDepth)
  if (paging === 'cursor') refuseNullable(definition, [...filters.sorts, ...usual.map(({ field }) => field)])
  const selection = planSelection(definition, options, limits)
  const own = {
    ...(paging === 'cursor'
      ? { cursor: z.string().max(4_000).optional().describe('`next` or `previous` of the page before') }
      : { page: z.coerce.number().int().min(1).max(lastPage).default(1).describe('Which page, from 1') }),
    perPage: z.coerce.number().int().min(1).max(maxPerPage).default(perPage).describe('How many on a page'),
  }
  const parameters = {
    ...filterParameters(filters, limits),
    ...sortParameter(filters.sorts, defaultSort),
    ...(filters.search.length === 0 ? {} : { search: { type: 'string', maxLength: limits.maxLength, description: searchText(definition, filters.search) } }),
    ...selectionParameters(selection),
  }
  const taken = Object.keys(extra).find((name) => name in own || name in parameters || reserved.has(name))
  if (taken !== undefined) throw invalid(definition, `extra: the parameter ${taken} is there already`)
  return {
    shape: { ...own, ...extra },
    parameters,
    read: (asked) => readList(definition, asked, { filters, selection, limits, usual, max: maxPerPage, byCursor: paging === 'cursor' }),
  }
}

const reserved = new Set(['apply', 'linkTo', 'max', 'choosesFields'])

function searchText(definition: ModelDefinition, search: CompiledFilters['search']): string {
  if (search !== 'fullText') return `Words, each of which is in one of: ${search.join(', ')}.`
  const columns = definition.fullText.columns.map(({ name }) => name).join(', ')
  return `Words that are all in ${columns}; words in quotes follow each other, -word is in none, wor* is how a word begins. The most relevant come first unless sort says otherwise.`
}

/** A page by its neighbours begins at values, and null is none. */
function refuseNullable(definition: ModelDefinition, names: readonly string[]): void {
  const related = names.find((name) => name.includes('.'))
  if (related !== undefined) throw invalid(definition, `sort: ${related} may be missing, and paging by cursor needs columns of ${definition.name} itself`)
  const nullable = names.find((name) => definition.column(name).facts.nullable)
  if (nullable !== undefined) throw invalid(definition, `sort: the column ${nullable} is nullable, and paging by cursor needs columns that are not`)
}

interface ListParts {
  readonly filters: CompiledFilters
  readonly selection: SelectionPlan
  readonly limits: typeof defaultFilterLimits & typeof defaultSelectionLimits
  readonly usual: readonly AskedOrder[]
  readonly max: number
  readonly byCursor: boolean
}

function readList(
  definition: ModelDefinition,
  asked: Readonly<Record<string, unknown>>,
  { filters, selection, limits, usual, max, byCursor }: ListParts,
): object {
  const conditions = parseFilters(asked, limits).map((filter) => judgeFilter(filters, filter, limits))
  const sorts = filters.sorts.length === 0 ? [] : parseSort(asked['sort'], limits)
  judgeSort(filters, sorts)
  const look = readSearch(filters, asked['search'], limits)
  const part = selection.read(asked['fields'], asked['expand'])
  return {
    max,
    linkTo: (change: Readonly<Record<string, string | number | undefined>>) => linkTo(asked, change),
    ...(selection.choosesFields ? { choosesFields: true } : {}),
    apply: (query: ModelQuery) => {
      if (query.definition !== definition) throw invalid(definition, `it was applied to a query of ${query.definition.name}`)
      query.isolate()
      applyFilters(query, conditions)
      // A page by its neighbours has no place in the order of relevance.
      look(query, sorts.length === 0 && !byCursor)
      const orders = sorts.length > 0 ? sorts : query.state.orders.length > 0 || query.state.relevance !== undefined ? [] : usual
      if (sorts.length > 0) query.unordered()
      for (const order of orders) applyOrder(query, order)
      if (part !== undefined) applySelection(query, part, limits.maxItems)
      return query
    },
  }
}

/** The same list with other parameters, as a reference relative to its address. */
function linkTo(asked: Readonly<Record<string, unknown>>, change: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...asked, ...change })) {
    for (const text of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof text === 'string' || typeof text === 'number') search.append(name, String(text))
  }
  return `?${search.toString()}`
}
