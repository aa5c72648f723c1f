import type { Context } from '../../http/context/context.ts'
import { tolerance } from './algorithms/algorithm.ts'
import type { CompiledRule } from './compile-rules.ts'
import type { Verdict } from './limit-store.ts'

/** What the headers of an answer say, for stages that come after. */
export interface LimitReport {
  /** Where in `ctx.outgoing` they stand. */
  readonly at: number
  readonly verdict: Verdict
  /** Until the rules that were judged so far admit the same again, in ms. */
  readonly retryMs: number
}

/**
 * RateLimit-Policy of some rules: a list of their names with quota and window in seconds
 * (draft-ietf-httpapi-ratelimit-headers-11, 3); the length of a month is not one number.
 */
export function renderPolicy(rules: readonly CompiledRule[]): string {
  return rules
    .map(({ name, rule }) => `"${name}";q=${rule.attempts}${rule.unit === 'month' ? '' : `;w=${Math.max(1, Math.round(rule.windowMs / 1000))}`}`)
    .join(', ')
}

/** Whole seconds, so that waiting so long is never too short. */
export function wholeSeconds(ms: number): number {
  return Math.ceil((ms - tolerance) / 1000)
}

/** The stricter of two: what refuses for longer, then what has less left, then what takes longer to come back. */
export function isStricter(one: Verdict, other: Verdict): boolean {
  if (one.admitted !== other.admitted) return !one.admitted
  if (!one.admitted) return one.retryMs > other.retryMs
  if (one.remaining !== other.remaining) return one.remaining < other.remaining
  return one.resetMs > other.resetMs
}

/** Writes the headers of the strictest rule, over those of an earlier stage where it is stricter. */
export function reportLimit(ctx: Context, policy: string, name: string, verdict: Verdict, before: LimitReport | undefined): number {
  const { outgoing } = ctx
  const reset = String(wholeSeconds(verdict.resetMs))
  const remaining = String(verdict.remaining)
  if (before === undefined) {
    const at = outgoing.length
    outgoing.push('x-ratelimit-limit', String(verdict.limit), 'x-ratelimit-remaining', remaining, 'x-ratelimit-reset', reset)
    outgoing.push('ratelimit', `"${name}";r=${remaining};t=${reset}`, 'ratelimit-policy', policy)
    return at
  }
  const { at } = before
  outgoing[at + 9] += `, ${policy}`
  if (!isStricter(verdict, before.verdict)) return at
  outgoing[at + 1] = String(verdict.limit)
  outgoing[at + 3] = remaining
  outgoing[at + 5] = reset
  outgoing[at + 7] = `"${name}";r=${remaining};t=${reset}`
  return at
}
