import { defineRouteOption } from '../../http/context/route-option.ts'
import type { Stage } from '../../http/context/stage.ts'
import type { ServedVersions } from './api-versions.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * The version or versions of the API that the route is of; two routes of different versions may have the same path.
     * `false` keeps it out of them and of API_PREFIX, as for `/.well-known/…`. Default: all versions.
     */
    readonly version?: string | readonly string[] | false
  }
}

/** Tells clients which version answers (`X-Api-Version`), and caches that it depends on the request. */
export function createVersionOption(versions: ServedVersions | undefined) {
  const varies = [versions?.header, versions?.mediaType === undefined ? undefined : 'accept'].filter((name) => name !== undefined)

  return defineRouteOption({
    name: 'version',
    compile: (value, route): Stage | undefined => {
      if (versions === undefined || value === false || route.options.hidden === true) return undefined
      const only = typeof value === 'string' ? value : undefined
      return {
        name: 'version',
        phase: 'edge',
        ...(varies.length === 0 ? {} : { constantHeaders: ['vary', varies.join(', ')] }),
        before: (ctx) => {
          if (versions.inPath) ctx.apiVersion = only
          if (ctx.apiVersion !== undefined) ctx.outgoing.push('x-api-version', ctx.apiVersion)
        },
      }
    },
  })
}
