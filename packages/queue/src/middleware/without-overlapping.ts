import { parseDuration, refuseUnknownOptions, SharedLocks, type Duration, type Lock } from 'glueful'
import { fail } from '../errors.ts'
import type { JobContext, JobMiddleware } from '../job/job-context.ts'
import { shortKey } from '../job/short-key.ts'
import { release, skip } from '../job/verdict.ts'
import { mayHoldBack } from './may-hold-back.ts'

export interface WithoutOverlappingOptions<Payload> {
  /** Which jobs exclude each other: those with the same key. Default: all of the class. */
  readonly key?: (payload: Payload) => string
  /** Classes that give the same name exclude each other. Default: the name of the job. */
  readonly name?: string
  /** What becomes of a job that finds another running: it is handed back without losing an attempt, or ends as done. Default: `release`. */
  readonly onOverlap?: 'release' | 'skip'
  /** When one that was handed back comes again. Default: `'10s'`. */
  readonly releaseAfter?: Duration
  /** When the key of a process that was killed is free again; it is prolonged while the job runs. Default: `'1m'`. */
  readonly expiresAfter?: Duration
}

const middleware = 'withoutOverlapping()'
const shortestExpiry = 1_000

/**
 * Runs one job of a key at a time, over all workers and hosts. Where only jobs of one class exclude each other,
 * `concurrency: { limit: 1, key }` does so without jobs that come for nothing; this is for what several classes share.
 *
 * @example
 * job('stock.import', { payload: z.object({ shop: z.string() }), middleware: [withoutOverlapping({ name: 'stock', key: ({ shop }) => shop })] }, …)
 *
 * @throws `JOB_MIDDLEWARE_INVALID`, `OPTION_UNKNOWN`, `INVALID_DURATION`
 */
export function withoutOverlapping<Payload>(options: WithoutOverlappingOptions<Payload> = {}): JobMiddleware<Payload> {
  const known = { key: true, name: true, onOverlap: true, releaseAfter: true, expiresAfter: true } as const
  refuseUnknownOptions<WithoutOverlappingOptions<Payload>>(middleware, options, known)
  const { key, name, onOverlap = 'release' } = options
  const releaseMs = parseDuration(options.releaseAfter ?? '10s', `releaseAfter of ${middleware}`)
  const ttl = parseDuration(options.expiresAfter ?? '1m', `expiresAfter of ${middleware}`)
  const refuse = (option: string, found: unknown, expected: string) => fail('JOB_MIDDLEWARE_INVALID', { middleware, option, found: String(found), expected })
  if (!['release', 'skip'].includes(onOverlap)) throw refuse('onOverlap', onOverlap, "'release' or 'skip'")
  if (ttl < shortestExpiry) throw refuse('expiresAfter', options.expiresAfter, 'at least 1s')
  if (name === '') throw refuse('name', "''", 'a text')

  async function take(ctx: JobContext<Payload>): Promise<Lock | undefined> {
    const lock = shortKey(`job:${name ?? ctx.name}${key === undefined ? '' : `:${key(ctx.payload)}`}`)
    try {
      return await ctx.use(SharedLocks).tryLock(lock, { ttl, extend: true })
    } catch (err) {
      // Nobody knows whether another runs, which is no fault of the job.
      if ((err as { code?: unknown }).code !== 'LOCKS_UNAVAILABLE') throw err
      ctx.log.warn({ err }, 'Whether another job of its key runs is not known; the job is handed back')
      return undefined
    }
  }

  return async (ctx, next) => {
    if (!mayHoldBack(ctx)) return next()
    const lock = await take(ctx)
    if (lock === undefined) return onOverlap === 'skip' ? skip() : release(releaseMs)
    try {
      return await next()
    } finally {
      await giveBack(lock, ctx)
    }
  }
}

/** What has become of the job stays, whatever becomes of the lock: that is free again in its time. */
async function giveBack(lock: Lock, { log }: Pick<JobContext, 'log'>): Promise<void> {
  try {
    if (!(await lock.release())) log.warn({ lock: lock.name }, 'The key of the job was lost while it ran; another may have run at the same time')
  } catch (err) {
    log.warn({ err, lock: lock.name }, 'The key of the job could not be given back; it is free when it has expired')
  }
}
