import { parseDuration } from '../duration.ts'
import { fail } from '../errors/catalog.ts'
import type { BreakerOptions } from './breaker.ts'

/** Options with their defaults; times in ms. */
export interface BreakerRules {
  readonly failures: number
  readonly failureRate: { readonly share: number; readonly withinMs: number; readonly calls: number } | undefined
  readonly pauseMs: number
  readonly probes: number
  readonly timeoutMs: number | undefined
  readonly attempts: number
  readonly concurrency: number
  readonly queue: number
  readonly isFailure: (error: unknown) => boolean
}

/**
 * @throws `BREAKER_INVALID`
 */
export function readBreakerOptions(name: string, options: BreakerOptions): BreakerRules {
  const refuse = (reason: string) => fail('BREAKER_INVALID', { name, reason })
  const whole = (option: string, value: number, least: number) => {
    if (!Number.isSafeInteger(value) || value < least) throw refuse(`${option} is ${value}; expected a whole number of at least ${least}`)
    return value
  }
  const duration = (option: string, value: NonNullable<BreakerOptions['pause']>) => {
    const ms = parseDuration(value, `${option} of the breaker ${name}`)
    if (ms < 1) throw refuse(`${option} is no time at all`)
    return ms
  }
  const { failureRate, concurrency, timeout } = options
  if (failureRate !== undefined && options.failures !== undefined) throw refuse('it has failures and failureRate; one of them says when it opens')
  if (failureRate !== undefined && !(failureRate.share > 0 && failureRate.share < 1))
    throw refuse(`failureRate.share is ${failureRate.share}; expected a number between 0 and 1`)
  if (concurrency === undefined && options.queue !== undefined) throw refuse('it has a queue, and no concurrency that would make anybody wait')
  return {
    failures: whole('failures', options.failures ?? 5, 1),
    failureRate:
      failureRate === undefined
        ? undefined
        : {
            share: failureRate.share,
            withinMs: duration('failureRate.within', failureRate.within),
            calls: whole('failureRate.calls', failureRate.calls, 1),
          },
    pauseMs: duration('pause', options.pause ?? '10s'),
    probes: whole('probes', options.probes ?? 1, 1),
    timeoutMs: timeout === undefined ? undefined : duration('timeout', timeout),
    attempts: whole('attempts', options.attempts ?? 1, 1),
    concurrency: concurrency === undefined ? Infinity : whole('concurrency', concurrency, 1),
    queue: whole('queue', options.queue ?? 0, 0),
    isFailure: options.isFailure ?? isServerFault,
  }
}

/** Who is told that a request was wrong has been answered. */
function isServerFault(error: unknown): boolean {
  const status = (error as { status?: unknown } | null)?.status
  return !(typeof status === 'number' && status >= 400 && status < 500)
}
