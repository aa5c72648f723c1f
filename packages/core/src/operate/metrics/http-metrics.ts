import type { Counter, Histogram, Metrics } from '../../foundation/metrics/metrics.ts'
import type { CompiledRoute } from '../../http/context/route.ts'

export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counts a request; URLs that no route answers are one series, so that strangers cannot make any. */
export type CountRequest = (route: CompiledRoute | undefined, method: string, status: number, seconds: number) => void

export function createHttpMetrics(metrics: Metrics, inFlight: () => number): CountRequest {
  const total = metrics.counter({
    name: 'glueful_http_requests_total',
    help: 'Requests answered, by route, method and status.',
    labels: ['route', 'method', 'status'],
  })
  const duration = metrics.histogram({
    name: 'glueful_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labels: ['route', 'method'],
    buckets: durationBuckets,
  })
  const flying = metrics.gauge({ name: 'glueful_http_requests_in_flight', help: 'Requests that are being answered.', labels: [] }).with()
  metrics.onCollect(() => flying.set(inFlight()))

  interface Bound {
    readonly method: string
    readonly status: number
    readonly total: Counter
    readonly duration: Histogram
  }
  const byRoute = new Map<CompiledRoute | undefined, Bound[]>()

  /** Routes answer one method and few statuses: the series of a request stand nearly always first. */
  function bind(route: CompiledRoute | undefined, method: string, status: number): Bound {
    let all = byRoute.get(route)
    if (all === undefined) byRoute.set(route, (all = []))
    for (const bound of all) if (bound.status === status && bound.method === method) return bound
    const path = route?.path ?? 'unmatched'
    const bound = { method, status, total: total.with(path, method, String(status)), duration: duration.with(path, method) }
    all.push(bound)
    return bound
  }

  return (route, method, status, seconds) => {
    const bound = bind(route, route === undefined && !known.has(method) ? 'OTHER' : method, status)
    bound.total.inc()
    bound.duration.observe(seconds)
  }
}

const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
