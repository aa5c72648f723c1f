import type { LimitRule } from '../limit-store.ts'

/**
 * How a budget is counted, as plain arithmetic on a small state. `limit` is the rule's own, or less under load; `now` in ms
 * on a clock that does not go back, except that a calendar reads wall time.
 */
export interface Algorithm<State = unknown> {
  create(): State
  /** Forgets what is over; called before all others. */
  advance(state: State, rule: LimitRule, now: number): void
  /** Until `cost` is admitted, in ms; 0 when it is now. */
  wait(state: State, rule: LimitRule, limit: number, cost: number, now: number): number
  consume(state: State, rule: LimitRule, cost: number, now: number): void
  /** May be negative after the limit has shrunk. */
  remaining(state: State, rule: LimitRule, limit: number, now: number): number
  /** Until nothing is counted any more, in ms. */
  reset(state: State, rule: LimitRule, now: number): number
}

/** In ms. Sums of fractions drift; without it, waiting exactly long enough could be too short by a rounding. */
export const tolerance = 1e-3
