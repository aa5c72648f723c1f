import { flattenRoutes, type FlatRoute } from '../http/context/flatten-routes.ts'
import type { RouteOptions } from '../http/context/route-options.ts'
import type { RouteTree } from '../http/context/route.ts'
import type { ServedVersions } from '../traffic/version/api-versions.ts'
import { expandRoutes } from '../traffic/version/expand-routes.ts'
import { mountRoutes } from './mount-routes.ts'

export interface RouteSources {
  readonly ofExtensions: readonly RouteTree[]
  readonly ofApplication: RouteTree
  readonly ofFramework: RouteTree
  readonly defaults: RouteOptions
  /** Of the application's paths, and of those that extensions bring for a version. */
  readonly prefix: string
  readonly versions: ServedVersions | undefined
}

/** Every route that is served, flat, in order of declaration: those of the application, of extensions, of the framework. */
export function gatherRoutes({ ofExtensions, ofApplication, ofFramework, defaults, prefix, versions }: RouteSources): FlatRoute[] {
  const flat = (tree: RouteTree) => {
    const { routes, mounts } = flattenRoutes(tree, defaults)
    return [...routes, ...mounts.flatMap(mountRoutes)]
  }
  return [
    ...expandRoutes(flat(ofApplication), prefix, versions),
    // What extensions bring stays where it is, unless it says that it is of a version.
    ...ofExtensions.flatMap(flat).flatMap((route) => (route.options.version === undefined ? [route] : expandRoutes([route], prefix, versions))),
    ...flat(ofFramework),
  ]
}
