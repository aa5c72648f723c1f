import { parseDuration, type Duration } from 'glueful'
import type { Limits } from '../engine/stored-job.ts'

/** Makes the error for an option that is not as it should be. */
export type Refuse = (option: string, found: string, expected: string) => Error

const most = 1_000_000

function whole(option: string, found: unknown, refuse: Refuse): number {
  if (Number.isInteger(found) && (found as number) >= 1 && (found as number) <= most) return found as number
  throw refuse(option, String(found), `a whole number from 1 to ${most}`)
}

export function readConcurrency(found: unknown, refuse: Refuse): number {
  return whole('concurrency', found, refuse)
}

/** `owner` is whose rate it is, for the error about a duration. @throws `INVALID_DURATION` */
export function readRate(limit: unknown, per: Duration, owner: string, refuse: Refuse): NonNullable<Limits['rate']> {
  const rate = { limit: whole('rateLimit.limit', limit, refuse), perMs: parseDuration(per, `rateLimit.per of ${owner}`) }
  if (rate.perMs < 1) throw refuse('rateLimit.per', String(per), 'a duration of at least 1 ms')
  return rate
}
