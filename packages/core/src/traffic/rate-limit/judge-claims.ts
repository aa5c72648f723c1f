import type { Algorithm } from './algorithms/algorithm.ts'
import { bucket } from './algorithms/bucket.ts'
import { calendar } from './algorithms/calendar.ts'
import { fixed } from './algorithms/fixed.ts'
import { sliding } from './algorithms/sliding.ts'
import type { Claim, LimitRule, Verdict } from './limit-store.ts'

// Each is only ever given states that it has made.
const algorithms = { sliding, fixed, bucket, calendar } as unknown as Readonly<Record<LimitRule['algorithm'], Algorithm>>

export function algorithmOf(rule: LimitRule): Algorithm {
  return algorithms[rule.algorithm]
}

/** The state of a budget of which nothing is used. Plain data: it may be kept as JSON. */
export function createLimitState(rule: LimitRule): unknown {
  return algorithmOf(rule).create()
}

/** The limit of a claim: the rule's, less under load, and never below what lets one request through. */
export function limitOf({ rule, share }: Claim): number {
  return share === 1 ? rule.burst : Math.max(1, Math.floor(rule.burst * share))
}

/** A cost above the limit would never be admitted; it takes all of it. */
export function costOf(claim: Claim): number {
  return Math.min(claim.cost, limitOf(claim))
}

/** A claim with the state of its budget. */
export interface Judged {
  readonly claim: Claim
  readonly state: unknown
  readonly now: number
}

/**
 * Takes all claims or none: the one judgement of the stores that count in this process. Changes the states.
 * @returns a verdict for each
 */
export function judgeClaims(judged: readonly Judged[]): Verdict[] {
  const waits = judged.map(({ claim, state, now }) => {
    const algorithm = algorithmOf(claim.rule)
    algorithm.advance(state, claim.rule, now)
    return algorithm.wait(state, claim.rule, limitOf(claim), costOf(claim), now)
  })
  const admitted = waits.every((wait) => wait === 0)
  return judged.map(({ claim, state, now }, index) => {
    const [algorithm, limit, cost] = [algorithmOf(claim.rule), limitOf(claim), costOf(claim)]
    if (admitted) algorithm.consume(state, claim.rule, cost, now)
    return renderVerdict(algorithm, claim.rule, state, limit, cost, now, waits[index] as number, admitted)
  })
}

/** The same for a request that has one rule, as most have. */
export function judgeClaim(algorithm: Algorithm, claim: Claim, state: unknown, now: number): Verdict {
  const { rule } = claim
  const limit = limitOf(claim)
  const cost = claim.cost < limit ? claim.cost : limit
  algorithm.advance(state, rule, now)
  const wait = algorithm.wait(state, rule, limit, cost, now)
  if (wait === 0) algorithm.consume(state, rule, cost, now)
  return renderVerdict(algorithm, rule, state, limit, cost, now, wait, wait === 0)
}

/** `wait` as it was before; once everything is taken, it is that of the next request. */
function renderVerdict(algorithm: Algorithm, rule: LimitRule, state: unknown, limit: number, cost: number, now: number, wait: number, taken: boolean): Verdict {
  const left = algorithm.remaining(state, rule, limit, now)
  return {
    admitted: wait === 0,
    limit,
    remaining: left > 0 ? Math.floor(left) : 0,
    resetMs: algorithm.reset(state, rule, now),
    retryMs: taken ? (left >= cost ? 0 : algorithm.wait(state, rule, limit, cost, now)) : wait,
  }
}
