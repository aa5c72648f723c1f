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
 * @throws `ROUTE_TREE_INVALID` for a member that is no route, group, mount or record of them.
 */
export function flattenRoutes(tree: RouteTree, defaults: RouteOptions = {}): FlatRoutes {
  const routes: FlatRoute[] = []
  const mounts: FlatMount[] = []
  walk(tree, '', '', defaults)
  return { routes, mounts }

  function walk(members: RouteTree, keys: string, prefix: string, options: RouteOptions): void {
    for (const [key, member] of Object.entries(members)) {
      const name = keys === '' ? key : `${keys}.${key}`
      if (typeof member !== 'object' || member === null) throw fail('ROUTE_TREE_INVALID', { name, found: member === null ? 'null' : typeof member })
      if (isKind<Route>(member, 'route')) {
        routes.push({ name, method: member.method, path: join(prefix, member.path), options: { ...options, ...member.options }, handler: member.handler })
      } else if (isKind<Group>(member, 'group')) {
        walk(member.routes, name, join(prefix, member.prefix), { ...options, ...member.options })
      } else if (isKind<Mount>(member, 'mount')) {
        mounts.push({ name, path: join(prefix, member.path), options: { ...options, ...member.options }, fetch: member.fetch })
      } else {
        walk(member as RouteTree, name, prefix, options)
      }
    }
  }
}

function isKind<T extends { readonly kind: string }>(member: object, kind: T['kind']): member is T {
  return (member as { kind?: unknown }).kind === kind
}

function join(prefix: string, path: string): string {
  return prefix === '' ? path : path === '/' || path === '' ? prefix : prefix + path
}
