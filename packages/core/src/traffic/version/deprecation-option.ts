import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { Stage } from '../../http/context/stage.ts'
import type { ServedVersions } from './api-versions.ts'
import { announce, type Announcement, type Deprecation } from './deprecation.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Announces the route's end in headers and OpenAPI, and counts who still uses it. `false` in a group that has it. Default: that of its version. */
    readonly deprecation?: Deprecation | false
  }
}

/** The same client is logged again for the same route after this time, in ms. */
const logEvery = 3_600_000
const mostLogged = 10_000

/** Counts in `glueful_deprecated_requests_total` by route, version and client; logs each client once an hour. */
export function createDeprecationOption(metrics: Metrics, versions: ServedVersions | undefined) {
  const total = metrics.counter({
    name: 'glueful_deprecated_requests_total',
    help: 'Requests to routes and versions that are deprecated.',
    labels: ['route', 'version', 'client'],
  })
  const logged = new Map<string, number>()

  function note(ctx: Context, route: CompiledRoute, { sunset }: Announcement): void {
    const client = ctx.identity?.id ?? 'anonymous'
    total.with(route.path, ctx.apiVersion ?? '', client).inc()
    const key = `${route.name} ${client}`
    const now = ctx.clock.monotonic()
    if (now - (logged.get(key) ?? -Infinity) < logEvery) return
    logged.delete(key)
    logged.set(key, now)
    if (logged.size > mostLogged) logged.delete(logged.keys().next().value as string)
    ctx.log.warn(
      {
        client,
        ip: ctx.ip,
        userAgent: ctx.header('user-agent')?.slice(0, 200),
        version: ctx.apiVersion,
        ...(sunset === undefined ? {} : { sunset: sunset.toISOString() }),
      },
      'A deprecated route is used',
    )
  }

  /** What holds for a route in a version. */
  function of(value: Deprecation | false | undefined, route: CompiledRoute): (version: string | undefined) => Announcement | undefined {
    if (value === false || route.options.version === false || route.options.hidden === true) return () => undefined
    if (value !== undefined) {
      const own = announce(value, `route ${route.name}`)
      return () => own
    }
    return (version) => (version === undefined ? undefined : versions?.deprecated.get(version))
  }

  return defineRouteOption({
    name: 'deprecation',
    compile: (value, route): Stage | undefined => {
      const find = of(value, route)
      const versionsOf = route.options.version === undefined ? (versions?.supported ?? []) : [route.options.version].flat()
      if (value === undefined && !versionsOf.some((version) => version !== false && find(version) !== undefined)) return undefined
      if (value === false) return undefined
      return {
        name: 'deprecation',
        phase: 'edge',
        before: (ctx) => {
          const found = find(ctx.apiVersion)
          if (found !== undefined) ctx.outgoing.push(...found.headers)
        },
        after: (ctx) => {
          const found = find(ctx.apiVersion)
          if (found !== undefined) note(ctx, route, found)
        },
      }
    },
    openapi: (value, operation, route) => {
      const { version } = route.options
      const found = of(value, route)(typeof version === 'string' ? version : undefined)
      if (found === undefined) return
      operation.deprecated = true
      const day = (date: Date) => date.toISOString().slice(0, 10)
      const told = [
        `Deprecated since ${day(found.since)}.`,
        ...(found.sunset === undefined ? [] : [`It stops working on ${day(found.sunset)}.`]),
        ...(found.successor === undefined ? [] : [`Use ${found.successor} instead.`]),
        ...(found.link === undefined ? [] : [`See ${found.link}.`]),
      ]
      operation.description = [operation.description, told.join(' ')].filter((text) => text !== undefined && text !== '').join('\n\n')
    },
  })
}
