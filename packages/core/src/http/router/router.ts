import { fail } from '../../foundation/errors/catalog.ts'
import { suggest } from '../../foundation/errors/suggest.ts'
import type { Method } from '../context/route.ts'
import { buildPath, type PathValues, type QueryValues } from './build-path.ts'
import { parsePattern, type Segment } from './parse-pattern.ts'
import { readPath } from './read-path.ts'
import { createNode, insert, lookUp as lookUpInTree, search, type Leaf, type Leaves } from './tree.ts'

export interface RouterEntry<T> {
  readonly method: Method
  /** `/cars/:id(uuid)/photos/:photo?`, `/files/*rest`. */
  readonly path: string
  readonly name: string
  readonly value: T
}

export type PathMatch = Readonly<Record<string, string>>

export type RouteMatch<T> =
  | { readonly kind: 'found'; readonly value: T; readonly params: PathMatch; readonly path: string }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'method-not-allowed'; readonly allow: string }
  | { readonly kind: 'options'; readonly allow: string }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'redirect'; readonly location: string }

export interface RouterOptions {
  /** `/cars/` for `/cars`: not found, the same, or a redirect. */
  readonly trailingSlash: 'ignore' | 'strict' | 'redirect'
}

export interface Router<T> {
  /** `rawPath` as it came, undecoded and without the query. Never throws. */
  find(method: string, rawPath: string): RouteMatch<T>
  /** @throws `ROUTE_UNKNOWN`, `URL_PARAM_INVALID` */
  urlFor(name: string, params?: PathValues, query?: QueryValues): string
}

type Found<T> = Extract<RouteMatch<T>, { kind: 'found' }>

/** Objects without a prototype that the engine keeps as fast as those of a class. */
const Params = function () {} as unknown as new () => Record<string, string>
Params.prototype = Object.create(null)

const noParams: PathMatch = Object.freeze(new Params())
// Percent signs, backslashes, control characters and dot segments: what must be looked at before it is believed.
// oxlint-disable-next-line no-control-regex
const needsReading = /[%\\\u0000-\u001f\u007f-\u009f]|\/\.\.?(?:\/|$)/
const longestPath = 8_192
const notFound = { kind: 'not-found' } as const

/**
 * Compiles routes into a Map of static paths by method and a tree for the rest. Static beats constrained parameter
 * beats parameter beats wildcard, segment by segment, with back-tracking. HEAD falls back to GET; OPTIONS and 405
 * follow from what a path answers (RFC 9110, 9.3 and 15.5.6).
 */
export function createRouter<T>(entries: readonly RouterEntry<T>[], { trailingSlash }: RouterOptions): Router<T> {
  const statics = new Map<string, Map<string, Found<T>>>()
  const root = createNode<T>()
  const names = new Map<string, { path: string; segments: readonly Segment[] }>()
  const owners = new Map<Leaf<T>, string>()
  const wildcards = new Set<T>()
  for (const entry of entries) add(entry)

  function add({ method, path, name, value }: RouterEntry<T>): void {
    const segments = parsePattern(path, name)
    if (names.has(name)) throw fail('ROUTE_NAME_TAKEN', { name })
    names.set(name, { path, segments })
    if (segments.at(-1)?.kind === 'wildcard') wildcards.add(value)
    const firstOptional = segments.findIndex((segment) => segment.kind === 'param' && segment.optional)
    const shortest = firstOptional === -1 ? segments.length : firstOptional
    for (let length = shortest; length <= segments.length; length++) addVariant(segments.slice(0, length), { method, path, name, value })
  }

  function addVariant(segments: readonly Segment[], { method, path, name, value }: RouterEntry<T>): void {
    const leaf: Leaf<T> = { path, names: segments.flatMap((segment) => (segment.kind === 'static' ? [] : segment.name)), value }
    const there = insert(root, segments, method, leaf)
    if (there !== undefined) throw fail('ROUTE_CONFLICT', { first: owners.get(there) as string, second: name, method, path })
    owners.set(leaf, name)
    if (leaf.names.length > 0) return
    const plain = `/${segments.map((segment) => (segment as { text: string }).text).join('/')}`
    let byPath = statics.get(method)
    if (byPath === undefined) statics.set(method, (byPath = new Map()))
    byPath.set(plain, { kind: 'found', value, params: noParams, path: plain })
  }

  function find(method: string, rawPath: string): RouteMatch<T> {
    const plain = statics.get(method)?.get(rawPath)
    if (plain !== undefined) return plain
    if (rawPath.length <= longestPath && rawPath.charCodeAt(0) === 47 && rawPath.charCodeAt(rawPath.length - 1) !== 47 && !needsReading.test(rawPath)) {
      const values: string[] = []
      const leaf = lookUpInTree(root, rawPath, 1, method, values)
      if (leaf !== undefined) return foundAt(leaf, values, rawPath)
    }
    return findInTree(method, rawPath)
  }

  function findInTree(method: string, rawPath: string): RouteMatch<T> {
    const read = readPath(rawPath)
    if ('reason' in read) return { kind: 'malformed', reason: read.reason }
    const { segments, path } = read
    const found = lookUp(method, segments, path)
    const isSpelling = trailingSlash !== 'strict' && segments.length > 0 && segments.at(-1) === ''
    // A wildcard takes the slash as it is, and must not take the request from the route that this is a spelling of.
    if (found !== undefined && !(isSpelling && wildcards.has(found.value))) return found
    if (!isSpelling) return miss(method, segments)
    const shorter = lookUp(method, segments.slice(0, -1), path.slice(0, -1) || '/')
    if (found !== undefined && (shorter === undefined || shorter.value === found.value)) return found
    if (shorter === undefined) return miss(method, segments.slice(0, -1))
    return trailingSlash === 'ignore' ? shorter : { kind: 'redirect', location: rawPath.slice(0, -1) || '/' }
  }

  function lookUp(method: string, segments: readonly string[], path: string): Found<T> | undefined {
    const found = searchFor(method, segments, path)
    return found === undefined && method === 'HEAD' ? searchFor('GET', segments, path) : found
  }

  function searchFor(method: string, segments: readonly string[], path: string): Found<T> | undefined {
    const values: string[] = []
    const leaf = search(root, segments, 0, values, (leaves) => leaves.get(method))
    return leaf === undefined ? undefined : foundAt(leaf, values, path)
  }

  function foundAt(leaf: Leaf<T>, values: readonly string[], path: string): Found<T> {
    if (values.length === 0) return { kind: 'found', value: leaf.value, params: noParams, path }
    const params = new Params()
    for (let i = 0; i < values.length; i++) params[leaf.names[i] as string] = values[i] as string
    return { kind: 'found', value: leaf.value, params, path }
  }

  function miss(method: string, segments: readonly string[]): RouteMatch<T> {
    const methods = new Set<string>()
    search(root, segments, 0, [], (leaves: Leaves<T>) => {
      for (const answered of leaves.keys()) methods.add(answered)
      return undefined
    })
    if (methods.size === 0) return notFound
    if (methods.has('GET')) methods.add('HEAD')
    methods.add('OPTIONS')
    const allow = [...methods].sort().join(', ')
    return method === 'OPTIONS' ? { kind: 'options', allow } : { kind: 'method-not-allowed', allow }
  }

  return {
    find,
    urlFor: (name, params, query) => {
      const found = names.get(name)
      if (found === undefined) throw fail('ROUTE_UNKNOWN', { name, suggestion: suggest(name, names.keys()) })
      return buildPath(found.path, found.segments, params, query)
    },
  }
}
