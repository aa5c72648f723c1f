import type { LimitRule } from '../limit-store.ts'
import type { Algorithm } from './algorithm.ts'

export interface CalendarState {
  /** When the period that is counted ends, in ms since the epoch. */
  end: number
  count: number
}

const day = 86_400_000

/** The end of the day or month around `now`, UTC, in ms since the epoch. */
export function periodEnd(unit: LimitRule['unit'], now: number): number {
  if (unit !== 'month') return (Math.floor(now / day) + 1) * day
  const date = new Date(now)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/** A quota: what is used in a calendar period comes back when the next one begins. */
export const calendar: Algorithm<CalendarState> = {
  create: () => ({ end: 0, count: 0 }),
  advance(state, rule, now) {
    const end = periodEnd(rule.unit, now)
    if (state.end === end) return
    state.end = end
    state.count = 0
  },
  wait: (state, _rule, limit, cost, now) => (state.count + cost <= limit ? 0 : state.end - now),
  consume(state, _rule, cost) {
    state.count += cost
  },
  remaining: (state, _rule, limit) => limit - state.count,
  reset: (state, _rule, now) => (state.count === 0 ? 0 : state.end - now),
}
