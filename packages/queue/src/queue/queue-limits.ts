import { refuseUnknownOptions, type Duration } from 'glueful'
import type { Limits } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import { isName, nameRule } from '../job/compile-job.ts'
import { readConcurrency, readRate, type Refuse } from '../job/read-limits.ts'

/** What a whole queue may do, over all workers and hosts, whatever its jobs are; in addition to the limits of job classes. */
export interface QueueLimits {
  /** How many of its jobs may run at once. Default: no limit. */
  readonly concurrency?: number
  /** How many of its jobs may start within `per`, counted in fixed windows. Default: no limit. */
  readonly rateLimit?: { readonly limit: number; readonly per: Duration }
}

type Rate = NonNullable<QueueLimits['rateLimit']>

/**
 * Limits of queues by name, in base units.
 * @throws `QUEUE_LIMIT_INVALID`, `OPTION_UNKNOWN`, `INVALID_DURATION`
 */
export function readQueueLimits(queues: Readonly<Record<string, QueueLimits>> = {}): ReadonlyMap<string, Limits> {
  const found = new Map<string, Limits>()
  for (const [queue, options] of Object.entries(queues)) {
    const refuse: Refuse = (option, value, expected) => fail('QUEUE_LIMIT_INVALID', { queue, option, found: value, expected })
    if (!isName(queue)) throw refuse('the name', JSON.stringify(queue), nameRule)
    if (typeof options !== 'object' || options === null) throw refuse('the value', String(options), 'an object of limits')
    refuseUnknownOptions<QueueLimits>(`queue({ queues }) of ${queue}`, options, { concurrency: true, rateLimit: true })
    const { concurrency, rateLimit } = options
    // Such as a key: limits by key belong to jobs.
    if (rateLimit !== undefined) refuseUnknownOptions<Rate>(`queue({ queues }), rateLimit of ${queue},`, rateLimit, { limit: true, per: true })
    if (concurrency === undefined && rateLimit === undefined) continue
    found.set(queue, {
      concurrency: concurrency === undefined ? undefined : readConcurrency(concurrency, refuse),
      rate: rateLimit === undefined ? undefined : readRate(rateLimit.limit, rateLimit.per, `the queue ${queue}`, refuse),
    })
  }
  return found
}
