import { fail } from '../foundation/errors/catalog.ts'
import type { Context } from '../http/context/context.ts'
import type { Endpoint, FindRoute } from '../http/kernel.ts'
import type { PathValues, QueryValues } from '../http/router/build-path.ts'
import { createRouter, type Router, type RouterOptions } from '../http/router/router.ts'
import type { ServedVersions } from '../traffic/version/api-versions.ts'
import { askedVersion } from '../traffic/version/asked-version.ts'
import { isOfVersion } from '../traffic/version/expand-routes.ts'

export interface RouteFinder {
  readonly find: FindRoute
  readonly urlFor: (name: string, params?: PathValues, query?: QueryValues) => string
}

/** How requests find their routes: by path and method, and by the version that they ask for where paths do not carry it. */
export function createRouteFinder(endpoints: readonly Endpoint[], versions: ServedVersions | undefined, options: RouterOptions): RouteFinder {
  const routerOf = (some: readonly Endpoint[]) =>
    createRouter(
      some.map((endpoint) => ({ method: endpoint.route.method, path: endpoint.route.path, name: endpoint.route.name, value: endpoint })),
      options,
    )
  if (versions === undefined) {
    const router = routerOf(endpoints)
    return { find: (ctx, method) => router.find(method, ctx.path), urlFor: router.urlFor }
  }
  if (versions.inPath) {
    const router = routerOf(endpoints)
    return { find: findInPaths(router, versions), urlFor: router.urlFor }
  }
  const routers = new Map(versions.supported.map((version) => [version, routerOf(endpoints.filter(({ route }) => isOfVersion(route, version)))]))
  return { find: findByVersion(routers, versions), urlFor: urlOfAny(routers, versions) }
}

/** A path with a version that there is not is answered with those that there are. */
function findInPaths(router: Router<Endpoint>, { prefix, supported, strict }: ServedVersions): FindRoute {
  return (ctx, method) => {
    const match = router.find(method, ctx.path)
    if (match.kind !== 'not-found' || !strict || !ctx.path.startsWith(`${prefix}/v`)) return match
    const found = /^v(\d[0-9A-Za-z.-]{0,31})(?:\/|$)/.exec(ctx.path.slice(prefix.length + 1))?.[1]
    return found === undefined || supported.includes(found) ? match : { kind: 'refused', error: unsupported(found, supported) }
  }
}

function findByVersion(routers: ReadonlyMap<string, Router<Endpoint>>, versions: ServedVersions): FindRoute {
  const { default: fallback, supported, strict } = versions
  return (ctx: Context, method: string) => {
    const asked = askedVersion(ctx, versions)
    if (asked !== undefined && strict && !routers.has(asked)) return { kind: 'refused', error: unsupported(asked, supported) }
    const version = asked !== undefined && routers.has(asked) ? asked : fallback
    ctx.apiVersion = version
    const match = (routers.get(version) as Router<Endpoint>).find(method, ctx.path)
    // A preflight cannot name a version: whichever has the path answers for it.
    if (match.kind !== 'not-found' || ctx.method !== 'OPTIONS' || asked !== undefined) return match
    return supported.map((other) => (routers.get(other) as Router<Endpoint>).find(method, ctx.path)).find(({ kind }) => kind !== 'not-found') ?? match
  }
}

/** A name leads to the default version where that has it. */
function urlOfAny(routers: ReadonlyMap<string, Router<Endpoint>>, versions: ServedVersions): RouteFinder['urlFor'] {
  const order = [versions.default, ...versions.supported.filter((version) => version !== versions.default)]
  return (name, params, query) => {
    const failures: unknown[] = []
    for (const version of order) {
      try {
        return (routers.get(version) as Router<Endpoint>).urlFor(name, params, query)
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ROUTE_UNKNOWN') throw error
        failures.push(error)
      }
    }
    throw failures[0]
  }
}

function unsupported(found: string, supported: readonly string[]): Error {
  return fail('API_VERSION_UNSUPPORTED', { found: found.slice(0, 32), supported })
}
