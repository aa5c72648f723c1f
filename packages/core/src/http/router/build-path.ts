import { fail } from '../../foundation/errors/catalog.ts'
import type { Segment } from './parse-pattern.ts'

export type PathValues = Readonly<Record<string, string | number | undefined>>
export type QueryValues = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[] | undefined>>

/**
 * The path that leads to a pattern's route with these parameters; encodes each once.
 * @throws `URL_PARAM_INVALID` for a parameter that is missing, unknown or not accepted.
 */
export function buildPath(pattern: string, segments: readonly Segment[], params: PathValues = {}, query: QueryValues = {}): string {
  const refuse = (param: string, reason: string) => fail('URL_PARAM_INVALID', { path: pattern, param, reason })
  const unused = new Set(Object.keys(params))
  let path = ''
  for (const segment of segments) {
    if (segment.kind === 'static') {
      path += `/${encodeURIComponent(segment.text)}`
      continue
    }
    unused.delete(segment.name)
    const value = params[segment.name]
    if (value === undefined) {
      if (segment.kind === 'param' && segment.optional) break
      throw refuse(segment.name, 'is missing')
    }
    const text = String(value)
    if (text === '') throw refuse(segment.name, 'is empty')
    if (segment.kind === 'param' && segment.constraint?.test(text) === false) throw refuse(segment.name, `does not match ${segment.constraint.source}`)
    const pieces = segment.kind === 'wildcard' ? text.split('/') : [text]
    // oxlint-disable-next-line no-control-regex
    if (pieces.some((piece) => piece === '.' || piece === '..' || /[\u0000-\u001f\u007f-\u009f]/.test(piece) || !piece.isWellFormed()))
      throw refuse(segment.name, 'cannot stand in a path')
    path += `/${pieces.map(encodeURIComponent).join('/')}`
  }
  const [extra] = unused
  if (extra !== undefined) throw refuse(extra, 'is not part of the path')
  return (path === '' ? '/' : path) + queryString(query)
}

function queryString(query: QueryValues): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) for (const one of [value].flat()) if (one !== undefined) search.append(name, String(one))
  return search.size === 0 ? '' : `?${search.toString()}`
}
