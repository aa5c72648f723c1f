import { parseDuration, type Duration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import { withDeadline } from './with-deadline.ts'

/** A piece of work: a function, which is handed the signal that cancels it, or a promise of work that already runs. */
export type Task<T> = ((signal: AbortSignal) => T | PromiseLike<T>) | PromiseLike<T>

export interface TimeLimit {
  /** Milliseconds or `'2s'`. Default: none. */
  readonly timeout?: Duration
  /** Cancels everything when aborted; pass `ctx.signal`. */
  readonly signal?: AbortSignal
}

/** What becomes of `limit` when it is reached. */
export function timedOut(ms: number): Error {
  return fail('TIMED_OUT', { timeoutMs: ms })
}

/**
 * Gives `work` so much time and no more. Use it around anything that may hang; `work` should pass its signal on, so that
 * what it waits for is really given up.
 *
 * @example
 * const rates = await withTimeout((signal) => fetch(url, { signal }), '2s', { signal: ctx.signal })
 *
 * @throws `TIMED_OUT` (504) when the time is up; `INVALID_DURATION` for a limit that is none
 */
export async function withTimeout<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  timeout: Duration,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<T> {
  return withDeadline(work, { ms: parseDuration(timeout, 'The timeout'), signal, expired: timedOut })
}
