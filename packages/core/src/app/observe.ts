import type { AccessRecord } from '../foundation/logging/access-log.ts'
import type { Logger } from '../foundation/logging/logger.ts'
import type { Metrics } from '../foundation/metrics/metrics.ts'
import type { Context } from '../http/context/context.ts'
import { shownPath } from '../http/context/shown-path.ts'
import type { Observer } from '../http/context/observer.ts'
import type { CountRequest } from '../operate/metrics/http-metrics.ts'

/** Counts and logs each request when it is over. */
export function createObserver(metrics: Metrics, count: CountRequest, logger: Logger, log: ((record: AccessRecord) => void) | undefined): Observer {
  const refusals = metrics.counter({
    name: 'glueful_http_refused_requests_total',
    help: 'Requests refused before they could be read: malformed, with a head that is too large, or late.',
    labels: ['code'],
  })
  return {
    refused(refusal) {
      refusals.with(refusal.code).inc()
      logger.info({ ...refusal }, 'A request was refused before it could be read')
    },
    finished(ctx: Context, status: number, bytes: number): void {
      const durationMs = ctx.runtime.clock.monotonic() - ctx.startedAt
      const route = ctx.route
      count(route, ctx.method, status, durationMs / 1000)
      if (log === undefined || (route?.options.log === false && status < 500)) return
      log({
        requestId: ctx.requestId,
        method: ctx.method,
        path: shownPath(ctx),
        route: route?.name,
        status,
        durationMs,
        bytes,
        ip: ctx.ip,
        userId: ctx.identity?.id,
      })
    },
  }
}
