import { parse } from 'node:querystring'

const noQuery: Readonly<Record<string, string | string[]>> = Object.freeze(Object.create(null) as Record<string, string | string[]>)

// Node leaves out what comes after a thousand pairs, and nobody would know; the size of heads bounds them already.
const options = { maxKeys: 0 }

/** Names and values of a query string (application/x-www-form-urlencoded); a repeated name is an array. */
export function parseQuery(search: string): Record<string, string | string[]> {
  if (search === '') return noQuery
  return parse(search, '&', '=', options) as Record<string, string | string[]>
}
