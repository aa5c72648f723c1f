import { parseSearch } from '../full-text/parse-search.ts'
import type { ModelQuery } from '../query/model-query.ts'
import type { CompiledFilters } from './compile-filters.ts'
import { malformed, tooMany, type FilterLimits } from './parse-filters.ts'

/** Brings a search to a query; `ranked` asks for the most relevant first, where the search knows. */
export type ApplySearch = (query: ModelQuery, ranked: boolean) => void

const mostWords = 10

/**
 * What the parameter `search` asks for.
 *
 * @throws `FILTER_MALFORMED`, `FILTERS_TOO_MANY`, `SEARCH_TOO_LONG` (400)
 */
export function readSearch({ search }: CompiledFilters, value: unknown, limits: FilterLimits): ApplySearch {
  if (search.length === 0 || value === undefined) return () => undefined
  if (typeof value !== 'string' || !value.isWellFormed() || value.includes('\0')) throw malformed('search', 'one text without NUL characters')
  if (value.length > limits.maxLength) throw tooMany('search', 'characters in search', limits.maxLength)
  if (search === 'fullText') {
    parseSearch(value, 'search')
    return (query, ranked) => void (ranked ? query.search(value) : query.whereSearch(value))
  }
  const words = value.split(/\s+/).filter((word) => word !== '')
  if (words.length > mostWords) throw tooMany('search', 'words in search', mostWords)
  return (query) => {
    for (const word of words)
      query.where((group: ModelQuery) => search.forEach((column) => group.orWhere((one: ModelQuery) => one.whereContains(column, word))))
  }
}
