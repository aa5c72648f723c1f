import { createHash } from 'node:crypto'
import { DatabaseLimitStore, parseDuration, refuseUnknownOptions, type Duration, type LimitRule } from 'glueful'
import { fail } from '../errors.ts'
import type { JobContext, JobMiddleware } from '../job/job-context.ts'
import { release } from '../job/verdict.ts'
import { mayHoldBack } from './may-hold-back.ts'

export interface ThrottleExceptionsOptions<Payload> {
  /** So many failures within `within` hold back all that follows. Default: 10. */
  readonly failures?: number
  /** Default: `'10m'`. */
  readonly within?: Duration
  /** How long further attempts are held back. Default: `'5m'`. */
  readonly hold?: Duration
  /** Counts each key by itself. Default: all jobs of the class together. */
  readonly key?: (payload: Payload) => string
  /** Classes that give the same name count together. Default: the name of the job. */
  readonly name?: string
  /** Which failures count. Default: all. */
  readonly isFailure?: (error: unknown) => boolean
}

const middleware = 'throttleExceptions()'
/** What says that the attempt was ended, and nothing of what it calls. */
const notItsFault = new Set<unknown>(['JOB_LEASE_LOST', 'JOB_CANCELLED', 'JOB_WORKER_STOPPING'])

/**
 * Holds jobs back for a while, over all workers and hosts, after so many attempts have failed: for what calls a service that
 * may be down. The attempts that fail count as any do, and come back by their `backoff`; those held back lose none.
 *
 * @example
 * job('payments.capture', { tries: 20, middleware: [throttleExceptions({ failures: 5, within: '1m', hold: '10m', name: 'stripe' })] }, …)
 *
 * @throws `JOB_MIDDLEWARE_INVALID`, `OPTION_UNKNOWN`, `INVALID_DURATION`
 */
export function throttleExceptions<Payload>(options: ThrottleExceptionsOptions<Payload> = {}): JobMiddleware<Payload> {
  const known = { failures: true, within: true, hold: true, key: true, name: true, isFailure: true } as const
  refuseUnknownOptions<ThrottleExceptionsOptions<Payload>>(middleware, options, known)
  const { failures = 10, key, name, isFailure = () => true } = options
  const windowMs = parseDuration(options.within ?? '10m', `within of ${middleware}`)
  const holdMs = parseDuration(options.hold ?? '5m', `hold of ${middleware}`)
  const refuse = (option: string, found: unknown, expected: string) => fail('JOB_MIDDLEWARE_INVALID', { middleware, option, found: String(found), expected })
  if (!(Number.isInteger(failures) && failures >= 1 && failures <= 1_000_000)) throw refuse('failures', failures, 'a whole number from 1 to 1000000')
  if (windowMs < 1) throw refuse('within', options.within, 'at least 1 ms')
  if (holdMs < 1) throw refuse('hold', options.hold, 'at least 1 ms')
  if (name === '') throw refuse('name', "''", 'a text')
  // A list of its own for each key: only one is asked for before an attempt.
  const listOf = (ctx: JobContext<Payload>) => {
    const text = JSON.stringify([name ?? ctx.name, key?.(ctx.payload) ?? null])
    return `job-failures:${createHash('sha256').update(text).digest('base64url')}`
  }

  async function heldFor(list: string, { use, log }: JobContext<Payload>): Promise<number> {
    try {
      const [block] = await use(DatabaseLimitStore).blocked(list)
      return block?.remainingMs ?? 0
    } catch (err) {
      log.warn({ err }, 'Whether the job is held back is not known; it runs')
      return 0
    }
  }

  async function count(list: string, { use, log }: JobContext<Payload>): Promise<void> {
    const rule: LimitRule = { id: list, algorithm: 'sliding', attempts: failures, burst: failures, windowMs }
    try {
      const limits = use(DatabaseLimitStore)
      const [verdict] = await limits.take([{ rule, subject: '', cost: 1, share: 1 }])
      if (verdict === undefined || (verdict.admitted && verdict.remaining > 0)) return
      await limits.block(list, '', holdMs)
      log.warn({ failures, holdMs }, 'Too many attempts have failed; those that follow are held back')
    } catch (err) {
      log.warn({ err }, 'The failure of the job could not be counted')
    }
  }

  function counts(error: unknown, ctx: JobContext<Payload>): boolean {
    if (isEndedFromOutside(error, ctx)) return false
    try {
      return isFailure(error)
    } catch (err) {
      ctx.log.error({ err }, 'isFailure failed; the failure is counted')
      return true
    }
  }

  return async (ctx, next) => {
    if (!mayHoldBack(ctx)) return next()
    const list = listOf(ctx)
    const held = await heldFor(list, ctx)
    if (held > 0) return release(Math.ceil(held))
    try {
      return await next()
    } catch (error) {
      if (counts(error, ctx)) await count(list, ctx)
      throw error
    }
  }
}

function isEndedFromOutside(error: unknown, { signal }: Pick<JobContext, 'signal'>): boolean {
  return [error, signal.reason as unknown].some((one) => notItsFault.has((one as { code?: unknown } | null | undefined)?.code))
}
