import { fail } from '../../foundation/errors/catalog.ts'
import type { FlatRoute } from '../../http/context/flatten-routes.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { ServedVersions } from './api-versions.ts'

/**
 * Gives the routes of the API their prefix and, where paths carry versions, a path for each version they are of. The
 * default version keeps the route's name; of others it is `cars.list@v2`.
 * @throws `ROUTE_VERSION_UNKNOWN`
 */
export function expandRoutes(routes: readonly FlatRoute[], prefix: string, versions: ServedVersions | undefined): FlatRoute[] {
  return routes.flatMap((route) => {
    const { version } = route.options
    if (version === false) return [route]
    const named = version === undefined ? undefined : [version].flat()
    const unknown = named?.find((one) => !(versions?.supported ?? []).includes(one))
    if (unknown !== undefined) throw fail('ROUTE_VERSION_UNKNOWN', { route: route.name, found: unknown, supported: versions?.supported ?? [] })
    if (versions?.inPath !== true) return [{ ...route, path: join(prefix, route.path) }]
    const own = named ?? versions.supported
    const first = own.includes(versions.default) ? versions.default : own[0]
    return own.map((one) => ({
      ...route,
      name: one === first ? route.name : `${route.name}@v${one}`,
      path: join(`${prefix}/v${one}`, route.path),
      options: { ...route.options, version: one },
    }))
  })
}

function join(prefix: string, path: string): string {
  return prefix === '' ? path : path === '/' ? prefix : prefix + path
}

/** Whether a route is served in a version. */
export function isOfVersion({ options }: Pick<FlatRoute, 'options'>, version: string): boolean {
  return options.version === undefined || options.version === false || [options.version].flat().includes(version)
}

/** The routes of one version as its documentation shows them: by their own names. */
export function routesOfVersion(routes: readonly CompiledRoute[], version: string, versions: ServedVersions): CompiledRoute[] {
  if (!versions.supported.includes(version)) throw fail('API_VERSION_UNSUPPORTED', { found: version, supported: versions.supported })
  return routes
    .filter((route) => isOfVersion(route, version))
    .map((route) => {
      const name = route.name.replace(/@v[^.]+$/, '')
      return { ...route, name, options: route.options.version === false ? route.options : { ...route.options, version } }
    })
}
