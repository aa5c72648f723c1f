import { parseDuration, type Duration } from 'glueful'
import { fail } from '../errors.ts'

/** How the waits between attempts grow: all the same, by the first one each time, or by a factor. */
export type BackoffKind = 'fixed' | 'linear' | 'exponential'

export interface BackoffOptions {
  /** Default: `exponential`. */
  readonly kind?: BackoffKind
  /** The wait after the first failure. Default: `'1s'`. */
  readonly initial?: Duration
  /** No wait is longer. Default: `'1h'`. */
  readonly max?: Duration
  /** Of `exponential`. Default: 2. */
  readonly factor?: number
  /** The part of each wait that is random, from 0 to 1, so that jobs that failed together do not come back together. Default: 0.2. */
  readonly jitter?: number
}

/** Says how long to wait after a failure; `attempt` is the one that failed, from 1. */
export type BackoffFunction = (attempt: number, error: unknown) => Duration

export type Backoff = BackoffKind | BackoffOptions | BackoffFunction

/** Waits after the attempt that failed, in ms. */
export type Wait = (attempt: number, error: unknown, random: () => number) => number

const longest = 365 * 86_400_000

/**
 * Compiles the `backoff` of a job. Jitter only shortens: a wait lies between `(1 - jitter) × full` and `full`.
 * @throws `JOB_OPTION_INVALID`
 */
export function compileBackoff(job: string, backoff: Backoff = 'exponential'): Wait {
  // A function of the application may err; the job must not be lost for it.
  if (typeof backoff === 'function') return (attempt, error) => Math.min(longest, parseDuration(backoff(attempt, error), `backoff of ${job}`))
  const options: BackoffOptions = typeof backoff === 'string' ? { kind: backoff } : backoff
  const { kind = 'exponential', factor = 2, jitter = 0.2 } = options
  const refuse = (option: string, found: unknown, expected: string) => fail('JOB_OPTION_INVALID', { job, option, found: String(found), expected })
  if (!['fixed', 'linear', 'exponential'].includes(kind)) throw refuse('backoff', kind, "'fixed', 'linear', 'exponential', options or a function")
  if (!(factor >= 1 && Number.isFinite(factor))) throw refuse('backoff.factor', factor, 'a number of at least 1')
  if (!(jitter >= 0 && jitter <= 1)) throw refuse('backoff.jitter', jitter, 'a number from 0 to 1')
  const initial = parseDuration(options.initial ?? '1s', `backoff.initial of ${job}`)
  const max = Math.min(longest, parseDuration(options.max ?? '1h', `backoff.max of ${job}`))
  return (attempt, _error, random) => {
    const grown = kind === 'fixed' ? initial : kind === 'linear' ? initial * attempt : initial * Math.min(Number.MAX_VALUE, factor ** (attempt - 1))
    const full = Math.min(max, grown)
    return Math.round(full * (1 - jitter * random()))
  }
}
