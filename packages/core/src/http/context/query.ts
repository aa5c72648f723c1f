import { parse } from 'node:querystring'

const noQuery: Readonly<Record<string, string | string[]>> = Object.freeze(Object.create(null) as Record<string, string | string[]>)

/** Names and values of a query string (application/x-www-form-urlencoded); at most 1,000 pairs, a repeated name is an array. */
export function parseQuery(search: string): Record<string, string | string[]> {
  if (search === '') return noQuery
  return parse(search) as Record<string, string | string[]>
}
