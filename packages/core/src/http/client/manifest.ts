import type { Group, Route, RouteTree } from '../context/route.ts'

/** Where each operation is found: its name → method and path pattern. Plain JSON. */
export type RouteManifest = Readonly<Record<string, { readonly method: string; readonly path: string }>>

/** The manifest of route values, for clients that should not fetch the OpenAPI document. */
export function routeManifest(routes: RouteTree): RouteManifest {
  const manifest: Record<string, { method: string; path: string }> = {}
  const walk = (tree: RouteTree, keys: readonly string[], prefix: string): void => {
    for (const [key, member] of Object.entries(tree)) {
      const kind = (member as { kind?: unknown }).kind
      const name = [...keys, key]
      if (kind === 'route') manifest[name.join('.')] = { method: (member as Route).method, path: prefix + (member as Route).path }
      else if (kind === 'group') walk((member as Group).routes, name, prefix + (member as Group).prefix)
      else if (kind !== 'mount') walk(member as RouteTree, name, prefix)
    }
  }
  walk(routes, [], '')
  return manifest
}

interface OpenApiPaths {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly operationId?: string }>>>>
}

/** The manifest that an OpenAPI document contains. Optional segments come as operations `name.2`, `name.3` of their own. */
export function manifestFromOpenApi(document: OpenApiPaths): RouteManifest {
  const manifest: Record<string, { method: string; path: string }> = {}
  for (const [template, operations] of Object.entries(document.paths ?? {})) {
    for (const [method, { operationId }] of Object.entries(operations)) {
      if (operationId === undefined) continue
      const longest = operationId.replace(/\.\d+$/, '')
      manifest[longest] = { method: method.toUpperCase(), path: longest in manifest ? optionalTail(manifest[longest]?.path ?? '', template) : template.replace(/\{(\w+)\}/g, ':$1') }
    }
  }
  return manifest
}

/** `/cars/:id` and `/cars/{id}/{photo}` → `/cars/:id/:photo?` */
function optionalTail(shorter: string, template: string): string {
  const longer = template.replace(/\{(\w+)\}/g, ':$1')
  return shorter + longer.slice(shorter.replaceAll('?', '').length).replace(/(:\w+)/g, '$1?')
}

