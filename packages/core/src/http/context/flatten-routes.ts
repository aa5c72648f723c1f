import { fail } from '../../foundation/errors/catalog.ts'
import type { RouteOptions } from './route-options.ts'
import type { Group, Method, Mount, Route, RouteSchemas, RouteTree } from './route.ts'

/** A route with its full path, its name and the options that hold for it. */
export interface FlatRoute {
  readonly name: string
  readonly method: Method
  readonly path: string
  readonly options: RouteOptions & RouteSchemas
  readonly handler: (ctx: never) => unknown
}

export interface FlatMount {
  readonly name: string
  readonly path: string
  readonly options: RouteOptions
  readonly fetch: Mount['fetch']
}

export interface FlatRoutes {
  readonly routes: readonly FlatRoute[]
  readonly mounts: readonly FlatMount[]
}

/**
 * Walks a tree of routes: key paths become names, groups give their prefix and options, `defaults` hold where nobody
 * says otherwise.
 * @throws `ROUTE_TREE_INVALID` for a member that is no route, group, mount or record of them; `ROUTE_PATH_INVALID` for
 * a prefix or path that would run into its neighbour.
 */
export function flattenRoutes(tree: RouteTree, defaults: RouteOptions = {}): FlatRoutes {
  const routes: FlatRoute[] = []
  const mounts: FlatMount[] = []
  const open = new Set<object>()
  walk(tree, '', '', defaults)
  return { routes, mounts }

  function walk(members: RouteTree, keys: string, prefix: string, options: RouteOptions): void {
    if (open.has(members)) throw fail('ROUTE_TREE_INVALID', { name: keys, found: 'a record that contains itself' })
    open.add(members)
    for (const [key, member] of Object.entries(members)) {
      const name = keys === '' ? key : `${keys}.${key}`
      if (isKind<Route>(member, 'route')) {
        routes.push({ name, method: member.method, path: join(prefix, member.path, name), options: merge(options, member.options), handler: member.handler })
      } else if (isKind<Group>(member, 'group')) {
        walk(member.routes, name, join(prefix, member.prefix, name), merge(options, member.options))
      } else if (isKind<Mount>(member, 'mount')) {
        mounts.push({ name, path: join(prefix, member.path, name), options: merge(options, member.options), fetch: member.fetch })
      } else if (isRecord(member)) {
        walk(member as RouteTree, name, prefix, options)
      } else {
        throw fail('ROUTE_TREE_INVALID', { name, found: describe(member) })
      }
    }
    open.delete(members)
  }
}

function isKind<T extends { readonly kind: string }>(member: unknown, kind: T['kind']): member is T {
  return typeof member === 'object' && member !== null && (member as { kind?: unknown }).kind === kind
}

/** Literals and modules; anything else (an application, a promise) got here by mistake. */
function isRecord(member: unknown): boolean {
  if (typeof member !== 'object' || member === null) return false
  const prototype: unknown = Object.getPrototypeOf(member)
  return prototype === null || prototype === Object.prototype
}

function describe(member: unknown): string {
  if (member === null || typeof member !== 'object') return String(member === null ? null : typeof member)
  const name = (member as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object of a class'
}

/** Later options win; one that is undefined says nothing. */
function merge<T extends RouteOptions>(inherited: RouteOptions, own: T): T {
  const merged: Record<string, unknown> = { ...inherited }
  for (const [name, value] of Object.entries(own)) if (value !== undefined) merged[name] = value
  return merged as T
}

function join(prefix: string, path: string, route: string): string {
  if (path === '' || path === '/') return prefix === '' ? path : prefix
  if (prefix !== '' && !path.startsWith('/')) throw fail('ROUTE_PATH_INVALID', { route, path, reason: `it does not start with a slash, and follows ${prefix}` })
  if (prefix.endsWith('/')) throw fail('ROUTE_PATH_INVALID', { route, path: prefix + path, reason: 'the prefix ends with a slash' })
  return prefix + path
}
