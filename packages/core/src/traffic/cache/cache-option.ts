import { cacheCounts } from '../../foundation/cache/cache-metrics.ts'
import { Cache } from '../../foundation/cache/cache.ts'
import { CacheStores } from '../../foundation/cache/provide-cache.ts'
import { createSingleFlight, type SingleFlight } from '../../foundation/cache/single-flight.ts'
import { parseDuration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Context } from '../../http/context/context.ts'
import type { FlatRoute } from '../../http/context/flatten-routes.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { Stage } from '../../http/context/stage.ts'
import { applyRange } from './apply-range.ts'
import { Cdn } from './cdn/cdn.ts'
import { cachedPatterns, invalidationStage, patternOf } from './invalidate-path.ts'
import { readCacheOption, type ResponseCache } from './read-cache-option.ts'
import { createResponseCache } from './response-cache.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Keeps answers of GET and serves them again (RFC 9111): `{ ttl: '1m', tags: ['cars'], staleWhileRevalidate: '5m' }`.
     * Answers with cookies, `no-store` or `private`, streams, files and errors are not kept. A change of the same path by
     * another method, and a flush of the tags, remove them. `false` keeps none in a group that has it. Default: false.
     */
    readonly cache?: ResponseCache | false
  }
}

const unsafe = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
/** On top of the handler's time, in ms. */
const leaseMargin = 5_000

export function createCacheOption(metrics: Metrics) {
  let flights: SingleFlight | undefined
  let patterns: ReadonlySet<string> | undefined

  return defineRouteOption({
    name: 'cache',
    compile: (value, route, runtime, routes): readonly Stage[] | undefined => {
      if (unsafe.has(route.method)) {
        patterns ??= cachedPatterns(routes as readonly FlatRoute[])
        return patterns.has(patternOf(route.path)) ? [invalidationStage(() => runtime.use(Cache))] : undefined
      }
      if (value === undefined || value === false) return undefined
      if (route.method !== 'GET') throw fail('CACHE_INVALID', { route: route.name, reason: `answers of ${route.method} are not cached` })
      const headers = runtime.provides(Cdn) ? runtime.use(Cdn).headers : () => []
      const rules = readCacheOption(value, route, headers)
      const store = runtime.use(CacheStores).ready()
      flights ??= createSingleFlight(store)
      const serve = createResponseCache({ rules, store, flights, counts: cacheCounts(metrics, 'responses'), leaseMs: leaseOf(route) })
      return [
        { name: 'cache', phase: 'handle', around: serve },
        { name: 'cache', phase: 'guard', after: (ctx: Context, reply) => applyRange(ctx, reply) },
      ]
    },
  })
}

function leaseOf({ options, name }: CompiledRoute): number {
  const { timeout } = options
  return leaseMargin + (timeout === undefined || timeout === false ? 60_000 : parseDuration(timeout, `timeout of route ${name}`))
}
