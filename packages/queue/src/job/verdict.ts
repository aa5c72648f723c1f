import type { Duration } from 'glueful'

/** What a handler or a middleware says instead of a result: run me later, or there is nothing to do. */
export type Verdict =
  | { readonly kind: 'verdict'; readonly verdict: 'release'; readonly delay: Duration }
  | { readonly kind: 'verdict'; readonly verdict: 'skip' }
  | { readonly kind: 'verdict'; readonly verdict: 'bury'; readonly reason: string }

/**
 * Hands the job back to run again after `delay`; the attempt does not count.
 *
 * @example
 * if (response.status === 429) return release('1m')
 */
export function release(delay: Duration): Verdict {
  return { kind: 'verdict', verdict: 'release', delay }
}

/** Ends the job as done without a result. */
export function skip(): Verdict {
  return { kind: 'verdict', verdict: 'skip' }
}

/** Sends the job to the dead letters at once: more attempts would not help. */
export function bury(reason: string): Verdict {
  return { kind: 'verdict', verdict: 'bury', reason }
}

export function isVerdict(value: unknown): value is Verdict {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'verdict'
}
