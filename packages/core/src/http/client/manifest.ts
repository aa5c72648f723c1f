import type { RouteTree } from '../context/route.ts'

/** Where each operation is found: its name → method and path pattern. Plain JSON. */
export type RouteManifest = Readonly<Record<string, { readonly method: string; readonly path: string }>>

interface Member {
  readonly kind?: unknown
  readonly method?: unknown
  readonly path?: unknown
  readonly prefix?: unknown
  readonly routes?: unknown
}

/**
 * The manifest of route values, for clients that should not fetch the OpenAPI document: of an API that serves none, or
 * of hidden routes. It is plain JSON, so a build step can write it into a file for clients elsewhere.
 *
 * @example
 * const api = createClient<typeof routes>('https://api.example.com', { routes: routeManifest(routes) })
 */
export function routeManifest(routes: RouteTree): RouteManifest {
  const manifest: Record<string, { method: string; path: string }> = {}
  const walk = (tree: object, keys: readonly string[], prefix: string): void => {
    for (const [key, member] of Object.entries(tree) as [string, Member][]) {
      const name = [...keys, key]
      if (member.kind === 'route') manifest[name.join('.')] = { method: String(member.method), path: join(prefix, String(member.path)) }
      else if (member.kind === 'group') walk(member.routes as object, name, join(prefix, String(member.prefix)))
      else if (member.kind !== 'mount' && typeof member === 'object' && member !== null) walk(member, name, prefix)
    }
  }
  walk(routes, [], '')
  return manifest
}

/** As the server joins them. */
function join(prefix: string, path: string): string {
  return prefix === '' ? path : path === '/' || path === '' ? prefix : prefix + path
}

/** Whichever of the two it was given. */
export function toManifest(routes: RouteManifest | RouteTree): RouteManifest {
  const isManifest = Object.values(routes).every(
    (entry) => typeof (entry as Member).method === 'string' && typeof (entry as Member).path === 'string' && (entry as Member).kind === undefined,
  )
  return isManifest ? (routes as RouteManifest) : routeManifest(routes as RouteTree)
}

interface OpenApiPaths {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: unknown; readonly 'x-glueful-path'?: unknown }>>>>
}

/** The manifest that an OpenAPI document contains. What OpenAPI cannot express of a path, the server adds to the operation. */
export function manifestFromOpenApi(document: unknown): RouteManifest {
  const manifest: Record<string, { method: string; path: string }> = {}
  for (const [template, operations] of Object.entries((document as OpenApiPaths | null)?.paths ?? {})) {
    for (const [method, operation] of Object.entries(operations)) {
      const { operationId, 'x-glueful-path': own } = operation
      const path = typeof own === 'string' ? own : template.replace(/#\d+$/, '').replace(/\{(\w+)\}/g, ':$1')
      // Anything else could lead to another host once it follows the base URL.
      if (typeof operationId === 'string' && path.startsWith('/')) manifest[operationId] = { method: method.toUpperCase(), path }
    }
  }
  return manifest
}
