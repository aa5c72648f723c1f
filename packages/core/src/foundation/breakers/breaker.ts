import type { Duration } from '../duration.ts'
import { service, type Service } from '../services/service.ts'

export type BreakerState = 'closed' | 'half-open' | 'open'

export interface BreakerOptions {
  /** Failures in a row that open it. Default: 5. */
  readonly failures?: number
  /** Opens it by share instead: of at least `calls` within `within`, more than `share` have failed. */
  readonly failureRate?: { readonly share: number; readonly within: Duration; readonly calls: number }
  /** How long it stays open before it is tried whether the other side is back. Default: 10 s. */
  readonly pause?: Duration
  /** How many calls are let through to try that; all must succeed. Default: 1. */
  readonly probes?: number
  /** How long each try may take. Default: no limit. */
  readonly timeout?: Duration
  /** Tries in all, with growing, jittered waits in between; only for what may run twice. Default: 1. */
  readonly attempts?: number
  /** Calls that run at the same time (a bulkhead). Default: no limit. */
  readonly concurrency?: number
  /** Calls that wait for their turn beyond `concurrency`; more are refused. Default: 0. */
  readonly queue?: number
  /** Whether an error is a failure of the other side. Default: all but those with a status from 400 to 499. */
  readonly isFailure?: (error: unknown) => boolean
}

/** What is known of a breaker. */
export interface BreakerStatus {
  readonly name: string
  readonly state: BreakerState
  /** Until it is tried again, in ms; 0 where it is not open. */
  readonly retryMs: number
  /** Calls that run and that wait. */
  readonly active: number
  readonly queued: number
  readonly succeeded: number
  readonly failed: number
  /** Refused without asking the other side. */
  readonly refused: number
  readonly lastFailure?: string
}

/** Calls to one other service, cut off while it does not answer. */
export interface Breaker {
  readonly name: string
  readonly state: BreakerState
  /**
   * Runs `work`, unless the breaker is open or too many calls run already. A call whose `signal` is aborted says nothing
   * about the other side.
   * @throws `BREAKER_OPEN` (503) and `BULKHEAD_FULL` (503) with Retry-After, `TIMED_OUT` (504), and what `work` throws
   */
  run<T>(work: (signal: AbortSignal) => T | PromiseLike<T>, options?: { readonly signal?: AbortSignal }): Promise<T>
  /** For `createHttpClient({ around })`: answers 500, 502, 503 and 504 are failures as well. The client has tries and time limits of its own. */
  readonly around: (request: Request, next: () => Promise<Response>) => Promise<Response>
  status(): BreakerStatus
  /** Closes it; true when it was not closed. */
  reset(): boolean
}

/** The application's breakers by name. */
export interface Breakers {
  /**
   * The breaker of that name; made by the first call, later ones need no options.
   * @throws `BREAKER_INVALID` for options that cannot be meant, or that differ from those of before
   */
  breaker(name: string, options?: BreakerOptions): Breaker
  list(): readonly BreakerStatus[]
  /** Closes all; returns how many were not closed. With Redis, those of the other processes too. */
  resetAll(): number
}

/**
 * The application's breakers.
 *
 * @example
 * provide(Payments, ({ use }) =>
 *   createHttpClient({ name: 'payments', baseUrl, around: use(Breakers).breaker('payments', { failures: 5 }).around }))
 */
export const Breakers: Service<Breakers> = service<Breakers>('breakers')
