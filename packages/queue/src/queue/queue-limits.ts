import type { Duration } from 'glueful'
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

/**
 * Limits of queues by name, in base units.
 * @throws `QUEUE_LIMIT_INVALID`, `INVALID_DURATION`
 */
export function readQueueLimits(queues: Readonly<Record<string, QueueLimits>> = {}): ReadonlyMap<string, Limits> {
  const found = new Map<string, Limits>()
  for (const [queue, options] of Object.entries(queues)) {
    const refuse: Refuse = (option, value, expected) => fail('QUEUE_LIMIT_INVALID', { queue, option, found: value, expected })
    if (!isName(queue)) throw refuse('the name', JSON.stringify(queue), nameRule)
    if (typeof options !== 'object' || options === null) throw refuse('the value', String(options), 'an object of limits')
    requireKnown(options, ['concurrency', 'rateLimit'], '', refuse)
    const { concurrency, rateLimit } = options
    if (rateLimit !== undefined) requireKnown(rateLimit, ['limit', 'per'], 'rateLimit.', refuse)
    if (concurrency === undefined && rateLimit === undefined) continue
    found.set(queue, {
      concurrency: concurrency === undefined ? undefined : readConcurrency(concurrency, refuse),
      rate: rateLimit === undefined ? undefined : readRate(rateLimit.limit, rateLimit.per, `the queue ${queue}`, refuse),
    })
  }
  return found
}

/** What nothing reads is a mistake, such as a key: limits by key belong to jobs. */
function requireKnown(given: object, known: readonly string[], prefix: string, refuse: Refuse): void {
  for (const option of Object.keys(given)) if (!known.includes(option)) throw refuse(prefix + option, 'unknown', `one of ${known.join(', ')}`)
}
