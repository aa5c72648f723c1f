import { parseDuration, type Duration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import { requireWholeNumber } from './require-whole-number.ts'
import { sleep as realSleep } from './sleep.ts'

export interface Backoff {
  /** The longest wait before the second attempt. Default: 100 ms. */
  readonly initial?: Duration
  /** What it is multiplied by for each further one; 1 keeps it the same. Default: 2. */
  readonly factor?: number
  /** What it never exceeds. Default: 10 s. */
  readonly max?: Duration
}

export interface RetryOptions {
  /** Attempts in all, the first one included. Default: 3. */
  readonly attempts?: number
  readonly backoff?: Backoff
  /** `full`: waits a random part of the backoff, so that many callers do not come back at once. `none`: all of it. Default: `full`. */
  readonly jitter?: 'full' | 'none'
  /** Ends waiting and attempts when aborted. */
  readonly signal?: AbortSignal
  /** Whether this failure may be repaired by trying again; `attempt` is the one that failed, from 1. Default: always. */
  readonly retryIf?: (error: unknown, attempt: number) => boolean
  /** Ms that a failure asks to wait (Retry-After), instead of the backoff. Default: none asks. */
  readonly waitFor?: (error: unknown) => number | undefined
  /** From 0 up to, not including, 1. Default: `Math.random`. */
  readonly random?: () => number
  /** Default: a timer. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
}

/**
 * Runs `work` until it succeeds, with growing, jittered waits in between. Use it only for what may safely run twice.
 *
 * @example
 * const rates = await retry((signal) => bank.rates({ signal }), { attempts: 4, retryIf: isTransient, signal: ctx.signal })
 *
 * @throws the last failure; the signal's reason once it is aborted; `INVALID_NUMBER` and `INVALID_DURATION` for options that are wrong
 */
export async function retry<T>(
  work: (signal: AbortSignal, attempt: number) => T | PromiseLike<T>,
  { attempts = 3, backoff = {}, jitter = 'full', signal, retryIf = () => true, waitFor, random = Math.random, sleep = realSleep }: RetryOptions = {},
): Promise<T> {
  requireWholeNumber('attempts', attempts)
  const waits = parseBackoff(backoff)
  const given = signal ?? new AbortController().signal
  for (let attempt = 1; ; attempt++) {
    let asked: number | undefined
    given.throwIfAborted()
    try {
      return await work(given, attempt)
    } catch (error) {
      given.throwIfAborted()
      if (attempt >= attempts || !retryIf(error, attempt)) throw error
      asked = waitFor?.(error)
    }
    const longest = Math.min(waits.max, waits.initial * Math.min(Number.MAX_VALUE, waits.factor ** (attempt - 1)))
    await sleep(asked ?? (jitter === 'full' ? random() * longest : longest), given)
  }
}

function parseBackoff({ initial = 100, factor = 2, max = '10s' }: Backoff): { initial: number; factor: number; max: number } {
  if (!Number.isFinite(factor) || factor < 1)
    throw fail('INVALID_NUMBER', { name: 'backoff.factor', found: String(factor), expected: 'a number of at least 1' })
  return { initial: parseDuration(initial, 'backoff.initial'), factor, max: parseDuration(max, 'backoff.max') }
}
