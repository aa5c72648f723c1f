import { fail } from '../../foundation/errors/catalog.ts'
import { suggest } from '../../foundation/errors/suggest.ts'
import type { Method } from '../context/route.ts'
import { buildPath, type PathValues, type QueryValues } from './build-path.ts'
import { noParams, paramsMaker, type PathMatch } from './make-params.ts'
import { parsePattern, type Segment } from './parse-pattern.ts'
import { readPath } from './read-path.ts'
import { compileTrie, createWalk, matchTrie } from './trie.ts'
import { createNode, insert, search, type Leaf, type Leaves } from './tree.ts'

export interface RouterEntry<T> {
  readonly method: Method
  /** `/cars/:id(uuid)/photos/:photo?`, `/files/*rest`. */
  readonly path: string
  readonly name: string
  readonly value: T
}

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

/** Paths of this length have no more segments than are looked at, and can be answered without counting them. */
const shortPath = 256
const notFound = { kind: 'not-found' } as const

/**
 * Compiles routes into a Map of static paths by method and a trie for the rest. Static beats constrained parameter
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
  const trie = compileTrie(root)
  const walk = createWalk()

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
    const names = segments.flatMap((segment) => (segment.kind === 'static' ? [] : segment.name))
    const leaf: Leaf<T> = { path, names, makeParams: paramsMaker(names), value }
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
    // A slash at the end has rules of its own.
    if (rawPath.length > shortPath || rawPath.charCodeAt(0) !== 47 || rawPath.charCodeAt(rawPath.length - 1) === 47) return findInTree(method, rawPath)
    const leaf = matchTrie(trie, rawPath, method, walk)
    if (leaf !== undefined) return foundAt(leaf, walk.values, rawPath)
    // Nothing answers the path, whatever the method, and reading it more closely would not change that.
    if (!walk.sawLeaves && isPlain(rawPath)) return notFound
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
    return { kind: 'found', value: leaf.value, params: leaf.makeParams(values), path }
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

/** Whether a path has nothing to decode or to refuse. Takes some that are fine for ones that are not. */
function isPlain(path: string): boolean {
  let before = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === 0x25 || code === 0x5c || code < 0x20 || (code > 0x7e && code < 0xa0) || (code === 0x2e && before === 0x2f)) return false
    before = code
  }
  return true
}
