import { parseRetryAfter } from '../../foundation/concurrency/parse-retry-after.ts'

export interface RetryRules {
  /** More tries after the first. Default: 2. */
  readonly attempts?: number
  /** The longest wait before a try, in ms; a server that asks for more is not tried again. Default: 10,000. */
  readonly maxDelay?: number
}

// RFC 9110, 9.2.2
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])
const passing = new Set([429, 502, 503, 504])

/**
 * The wait before another try, in ms; undefined where there should be none. `response` is undefined after a failure of
 * the network. Requests that are not idempotent are repeated only where the server says that it did nothing yet (429),
 * or knows repetitions by their Idempotency-Key.
 */
export function retryDelay(
  method: string,
  headers: Headers,
  tried: number,
  response: Response | undefined,
  rules: number | RetryRules = {},
): number | undefined {
  const { attempts = 2, maxDelay = 10_000 } = typeof rules === 'number' ? { attempts: rules } : rules
  if (tried >= attempts) return undefined
  if (response !== undefined && !passing.has(response.status)) return undefined
  if (!idempotent.has(method) && !headers.has('idempotency-key') && response?.status !== 429) return undefined
  const asked = response === undefined ? undefined : parseRetryAfter(response.headers.get('retry-after'))
  // Full jitter, so that clients that failed together do not come back together.
  const delay = asked ?? Math.min(Math.random() * 200 * 2 ** tried, maxDelay)
  return delay > maxDelay ? undefined : delay
}
