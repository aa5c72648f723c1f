import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Metrics } from '../../foundation/metrics/metrics.ts'
import type { Context } from '../../http/context/context.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import { addressSubject } from '../rate-limit/compile-rules.ts'
import { wholeSeconds } from '../rate-limit/limit-headers.ts'
import type { Limiter } from '../rate-limit/limiter.ts'
import type { LimitRule } from '../rate-limit/limit-store.ts'
import { createBlockList, type BlockList } from './block-list.ts'

/** How many errors an address may cause before it is kept out. */
export interface ErrorThrottle {
  /** Default: 1,000. */
  readonly attempts?: number
  /** Default: 1 minute. */
  readonly per?: Duration
  /** Statuses that count. Default: 400, 401, 403, 404, 405, 406, 413, 415, 421, 422, 431. */
  readonly statuses?: readonly number[]
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Keeps addresses out (429 with Retry-After, on all routes that have this option) that cause too many errors, such as
     * scanners and guessers; also at paths that no route answers. Default: ERROR_THROTTLE – on in production, else off.
     */
    readonly errorThrottle?: ErrorThrottle | boolean
  }
}

const usualStatuses = [400, 401, 403, 404, 405, 406, 413, 415, 421, 422, 431]

export function createErrorThrottleOption(metrics: Metrics, limiter: Limiter) {
  const throttled = metrics.counter({
    name: 'glueful_error_throttled_total',
    help: 'Requests refused because their address had caused too many errors.',
    labels: [],
  })
  let blocks: BlockList | undefined

  return defineRouteOption({
    name: 'errorThrottle',
    compile: (value, route, runtime) => {
      if (value === undefined || value === false) return undefined
      const { attempts = 1_000, per = '1m', statuses = usualStatuses } = value === true ? {} : value
      const refuse = (reason: string) => fail('ERROR_THROTTLE_INVALID', { route: route.name, reason })
      if (!Number.isSafeInteger(attempts) || attempts < 1) throw refuse(`attempts is ${String(attempts)}; expected a whole number of at least 1`)
      if (statuses.some((status) => !Number.isInteger(status) || status < 400 || status > 499 || status === 429))
        throw refuse(`statuses are ${statuses.join(', ')}; expected client errors other than 429`)
      const windowMs = parseDuration(per, `errorThrottle.per of route ${route.name}`)
      if (windowMs < 1) throw refuse('per is no time at all')
      const shared = limiter.prepare(runtime) !== 'memory'
      const list = (blocks ??= createBlockList(limiter, runtime.clock, shared))
      const counted = new Set(statuses)
      const rule: LimitRule = { id: `errors:${windowMs}`, algorithm: 'sliding', attempts, burst: attempts, windowMs }

      const keepOut = (remainingMs: number): Error => {
        throttled.with().inc()
        const seconds = Math.max(1, wholeSeconds(remainingMs))
        return fail('TOO_MANY_ERRORS', { seconds }, { headers: ['retry-after', String(seconds)] })
      }
      const check = (ctx: Context): void => {
        if (list.isEmpty) return
        const remainingMs = list.remaining(addressSubject(ctx))
        if (remainingMs > 0) throw keepOut(remainingMs)
      }
      const count = async (ctx: Context): Promise<void> => {
        const subject = addressSubject(ctx)
        const [verdict] = await limiter.take([{ rule, subject, cost: 1, share: 1, onStoreLoss: 'local' }])
        // The one that uses up the budget is still told what was wrong; from the next one on nothing is.
        if (verdict !== undefined && verdict.retryMs > 0) await list.block(subject, verdict.retryMs)
        if (verdict?.admitted === false) throw keepOut(verdict.retryMs)
      }
      return {
        name: 'errorThrottle',
        phase: 'edge',
        before: (ctx) => (list.isFresh() ? check(ctx) : list.refresh().then(() => check(ctx))),
        after: (ctx, reply) => (counted.has(reply.status) ? count(ctx) : undefined),
      }
    },
    errors: (value) => (value === undefined || value === false ? [] : [{ status: 429, code: 'TOO_MANY_ERRORS', title: 'Too Many Requests' }]),
  })
}
