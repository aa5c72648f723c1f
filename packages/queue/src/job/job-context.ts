import type { Emit, Logger, Use } from 'glueful'

/** What the handler of a job is told. */
export interface JobContext<Payload = unknown> {
  readonly payload: Payload
  /** Of the stored job; the same in every attempt. */
  readonly id: string
  readonly name: string
  readonly queue: string
  /** This attempt, from 1. A crash of the worker counts as one. */
  readonly attempt: number
  readonly tries: number
  readonly tags: readonly string[]
  /** Of the HTTP request that the job goes back to, also over jobs in between. */
  readonly requestId: string | undefined
  /** Aborted on time-out, cancellation, loss of the lease, and when the worker stops and the job is handed back. */
  readonly signal: AbortSignal
  /** With the id, the name and the attempt on every line, and the id of the request where there is one. */
  readonly log: Logger
  readonly use: Use
  readonly emit: Emit
  /** Says how far the job is: a number from 0 to 100 or any JSON; written at most twice a second. */
  progress(value: unknown): void
}

/**
 * Runs around a handler. Not calling `next` and returning a verdict (`skip()`, `release('1m')`) is how a job is held back.
 * Of a transactional job it runs around the transaction: once `next()` has resolved, the job is done, whatever is returned.
 *
 * @example
 * const onlyByNight: JobMiddleware = (ctx, next) => (isNight() ? next() : release('1h'))
 */
export type JobMiddleware<Payload = unknown> = (ctx: JobContext<Payload>, next: () => Promise<unknown>) => unknown
