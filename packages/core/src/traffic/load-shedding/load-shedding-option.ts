import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import { LoadMonitor } from './load-monitor.ts'

/** When a process has more to do than it can, and which routes come first. */
export interface LoadShedding {
  /** Delay of the event loop from which on requests are turned away. Default: 200 ms. */
  readonly lag?: Duration
  /** 99th percentile of the time that answers take from which on requests are turned away. Default: none. */
  readonly latency?: Duration
  /** `low` is turned away at half of that, `high` never. Default: `normal`. */
  readonly priority?: 'low' | 'normal' | 'high'
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Turns a part of the requests away, with 503 and Retry-After, while the process is overloaded: the more it is, the
     * more. `true` takes the defaults. Default: LOAD_SHEDDING (false). Health and metrics are never turned away.
     */
    readonly loadShedding?: LoadShedding | boolean
  }
}

/** How much there is to do, where 1 is as much as is allowed. */
export function pressureOf(monitor: LoadMonitor, lagMs: number, latencyMs: number): number {
  return Math.max(monitor.lagMs / lagMs, latencyMs === Infinity ? 0 : monitor.latencyMs / latencyMs)
}

export const defaultLag = 200

export function createLoadSheddingOption(metrics: Metrics, random: () => number = Math.random) {
  const shed = metrics.counter({ name: 'glueful_requests_shed_total', help: 'Requests turned away because of overload, by route.', labels: ['route'] })
  return defineRouteOption({
    name: 'loadShedding',
    compile: (value, route, runtime) => {
      if (value === undefined || value === false) return undefined
      const { lag = defaultLag, latency, priority = 'normal' } = value === true ? {} : value
      const lagMs = parseDuration(lag, `loadShedding.lag of route ${route.name}`)
      const latencyMs = latency === undefined ? Infinity : parseDuration(latency, `loadShedding.latency of route ${route.name}`)
      if (lagMs <= 0 || latencyMs <= 0) throw fail('LOAD_SHEDDING_INVALID', { route: route.name, reason: 'lag and latency must be above 0' })
      const weight = { low: 2, normal: 1, high: 0 }[priority]
      if (weight === undefined)
        throw fail('LOAD_SHEDDING_INVALID', { route: route.name, reason: `priority is ${JSON.stringify(priority)}; expected low, normal or high` })
      const refused = shed.with(route.path === '' ? 'unmatched' : route.path)
      return {
        name: 'loadShedding',
        phase: 'edge',
        before: (ctx: Context) => {
          if (ctx.method === 'OPTIONS') return
          const pressure = pressureOf(runtime.use(LoadMonitor), lagMs, latencyMs) * weight
          // At twice of what is allowed, one half is turned away; somebody is always let through, to see whether it is over.
          if (pressure <= 1 || random() >= Math.min(0.95, 1 - 1 / pressure)) return
          refused.inc()
          throw fail('OVERLOADED', undefined, { headers: ['retry-after', String(1 + Math.floor(random() * 5))] })
        },
        after: (ctx: Context) => {
          if (latencyMs !== Infinity) runtime.use(LoadMonitor).observe(ctx.clock.monotonic() - ctx.startedAt)
        },
      }
    },
    errors: (value) => (value === undefined || value === false ? [] : [{ status: 503, code: 'OVERLOADED', title: 'Service Unavailable' }]),
  })
}
