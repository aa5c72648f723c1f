import type { AccessRecord } from '../foundation/logging/access-log.ts'
import type { Context } from '../http/context/context.ts'
import { shownPath } from '../http/context/shown-path.ts'
import type { Observer } from '../http/context/observer.ts'
import type { CountRequest } from '../operate/metrics/http-metrics.ts'

/** Counts and logs each request when it is over. */
export function createObserver(count: CountRequest, log: ((record: AccessRecord) => void) | undefined): Observer {
  return {
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
