import type { Metrics } from '../../foundation/metrics/metrics.ts'
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

  type Bound = { observe: (seconds: number) => void; statuses: Map<number, { inc(): void }> }
  const byRoute = new Map<CompiledRoute | undefined, Map<string, Bound>>()

  function bind(route: CompiledRoute | undefined, method: string): Bound {
    let methods = byRoute.get(route)
    if (methods === undefined) byRoute.set(route, (methods = new Map()))
    let bound = methods.get(method)
    if (bound === undefined) {
      const series = duration.with(route?.path ?? 'unmatched', method)
      methods.set(method, (bound = { observe: (seconds) => series.observe(seconds), statuses: new Map() }))
    }
    return bound
  }

  return (route, method, status, seconds) => {
    const name = route === undefined && !known.has(method) ? 'OTHER' : method
    const bound = bind(route, name)
    let counter = bound.statuses.get(status)
    if (counter === undefined) bound.statuses.set(status, (counter = total.with(route?.path ?? 'unmatched', name, String(status))))
    counter.inc()
    bound.observe(seconds)
  }
}

const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
