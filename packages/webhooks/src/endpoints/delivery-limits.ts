import { parseDuration } from 'glueful'
import { fail } from '../errors.ts'
import type { Endpoint, EndpointLimits, EndpointRate } from './endpoint.ts'

/** What one endpoint is sent at most. */
export interface DeliveryLimits {
  /** Deliveries at once, over all workers. */
  readonly concurrency: number
  readonly rate: EndpointRate | undefined
}

const longest = 24 * 3_600_000

/** What an endpoint says, in base units; undefined where it says nothing. It may be stricter than `most`, and not looser.
 * @throws `WEBHOOK_LIMITS_INVALID`
 */
export function readLimits({ concurrency, rate }: EndpointLimits, most: DeliveryLimits): { concurrency?: number | null; rate?: EndpointRate | null } {
  const refuse = (option: string, found: unknown, expected: string) => fail('WEBHOOK_LIMITS_INVALID', { option, found: String(found), expected })
  if (typeof concurrency === 'number' && !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= most.concurrency))
    throw refuse('concurrency', concurrency, `a whole number from 1 to ${most.concurrency}`)
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rate === undefined ? {} : { rate: rate === null ? null : readRate(rate) }),
  }

  function readRate({ limit, per }: NonNullable<EndpointLimits['rate']>): EndpointRate {
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000) throw refuse('rate.limit', limit, 'a whole number from 1 to 1000000')
    const perMs = parseDuration(per, 'rate.per of a webhook endpoint')
    if (perMs < 1_000 || perMs > longest) throw refuse('rate.per', per, 'from 1s to 24h')
    if (most.rate !== undefined && limit / perMs > most.rate.limit / most.rate.perMs)
      throw refuse('rate', `${limit} in ${perMs} ms`, `at most ${most.rate.limit} in ${most.rate.perMs} ms`)
    return { limit, perMs }
  }
}

/** What holds for an endpoint: the stricter of what it says and what holds for all. */
export function limitsOf({ concurrency, rate }: Pick<Endpoint, 'concurrency' | 'rate'>, most: DeliveryLimits): DeliveryLimits {
  const isStricter = rate !== null && (most.rate === undefined || rate.limit / rate.perMs <= most.rate.limit / most.rate.perMs)
  return { concurrency: Math.min(concurrency ?? most.concurrency, most.concurrency), rate: isStricter ? rate : most.rate }
}
