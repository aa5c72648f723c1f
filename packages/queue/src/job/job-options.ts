import type { Duration } from 'glueful'
import type { Backoff } from './backoff.ts'
import type { JobMiddleware } from './job-context.ts'

export interface UniqueOptions<Payload> {
  /** What makes two jobs the same. Default: the whole payload. */
  readonly key?: (payload: Payload) => string
  /** How long the key is taken, from dispatch. Default: until the job has ended. */
  readonly for?: Duration
  /**
   * `existing` (default): nothing is queued, and the handle is that of the job that is there. `reject`: JOB_DUPLICATE.
   * `replace`: a job that waits gets the new payload and time; one that runs goes on, and the new one waits behind it.
   */
  readonly onConflict?: 'existing' | 'reject' | 'replace'
}

export interface ConcurrencyOptions<Payload> {
  /** How many may run at once over all workers; where it depends on the payload, what the last dispatch says holds for its key. */
  readonly limit: number | ((payload: Payload) => number)
  /** Counts each key by itself: `key: ({ tenantId }) => tenantId`; keys take turns, so that none waits behind another's backlog. */
  readonly key?: (payload: Payload) => string
}

export interface RateLimitOptions<Payload> {
  /** How many may start within `per`, over all workers; undefined is no limit. May depend on the payload, as that of `concurrency`. */
  readonly limit: number | ((payload: Payload) => number | undefined)
  readonly per: Duration | ((payload: Payload) => Duration)
  /** Counts each key by itself. With `concurrency.key`, both must be the same function. */
  readonly key?: (payload: Payload) => string
}

/** What may be said of a job; every member has a default. */
export interface JobOptions<Payload> {
  /** Default: `default`. */
  readonly queue?: string
  /** Higher runs first, within a queue; from -1,000 to 1,000. Default: 0. */
  readonly priority?: number
  /** Before the first attempt. Default: none. */
  readonly delay?: Duration
  /** Attempts before the job goes to the dead letters. Default: 3. */
  readonly tries?: number
  /** Waits between attempts. Default: exponential from 1 s to 1 h with a fifth of jitter. */
  readonly backoff?: Backoff
  /** Whether another attempt may help; false sends the job to the dead letters. Default: always. */
  readonly retryIf?: (error: unknown, attempt: number) => boolean
  /** Of an attempt; its signal is aborted and the attempt counts as failed. Default: `'15m'`. */
  readonly timeout?: Duration
  readonly unique?: true | ((payload: Payload) => string) | UniqueOptions<Payload>
  readonly concurrency?: number | ConcurrencyOptions<Payload>
  readonly rateLimit?: RateLimitOptions<Payload>
  /** For filters in lists; at most 10. */
  readonly tags?: readonly string[] | ((payload: Payload) => readonly string[])
  /** Makes a payload of today from one that an older release stored and the schema refuses. */
  readonly upgrade?: (stored: unknown) => unknown
  /** Around the handler, the first one outermost. */
  readonly middleware?: readonly JobMiddleware<Payload>[]
  /** How long a job that is done stays, with its result. Default: it is removed. */
  readonly keep?: Duration
  /**
   * Runs the handler in a database transaction that also records the job as done: what it writes there happens exactly
   * once, whatever crashes. Default: false.
   */
  readonly transactional?: boolean
}

/** What one dispatch may say otherwise. */
export interface DispatchOptions {
  readonly queue?: string
  readonly priority?: number
  readonly delay?: Duration
  /** When to run at the earliest; instead of `delay`. */
  readonly at?: Date
  readonly tries?: number
  readonly tags?: readonly string[]
  readonly keep?: Duration
  /** Jobs that must be done before: what `dispatch` returned, or ids. */
  readonly after?: readonly (string | { readonly id: string })[]
}
