import { tolerance, type Algorithm } from './algorithm.ts'

/** Attempts at moments, oldest first: `times[i]` is the latest of the attempts whose cost is in `costs[i]`. */
export interface SlidingState {
  readonly times: number[]
  readonly costs: number[]
  total: number
}

/** Attempts within the same such part of a window are remembered as one; this bounds the state. */
export const slidingParts = 16

/**
 * Never more than the limit in any stretch of the window: an attempt counts for a whole window from the latest one that is
 * remembered with it. So one may count up to a sixteenth of the window too long, and never too short.
 */
export const sliding: Algorithm<SlidingState> = {
  create: () => ({ times: [], costs: [], total: 0 }),
  advance(state, rule, now) {
    const { times, costs } = state
    while (times.length > 0 && (times[0] as number) + rule.windowMs - now <= tolerance) {
      times.shift()
      state.total -= costs.shift() as number
    }
    // Sums of fractions drift; an empty window is exactly empty.
    if (times.length === 0) state.total = 0
  },
  wait(state, rule, limit, cost, now) {
    let excess = state.total + cost - limit
    if (excess <= 0) return 0
    for (let i = 0; i < state.times.length; i++) {
      excess -= state.costs[i] as number
      if (excess <= 0) return (state.times[i] as number) + rule.windowMs - now
    }
    return rule.windowMs
  },
  consume(state, rule, cost, now) {
    const { times, costs } = state
    const last = times.length - 1
    const part = rule.windowMs / slidingParts
    if (last >= 0 && Math.floor((times[last] as number) / part) === Math.floor(now / part)) {
      times[last] = now
      ;(costs[last] as number) += cost
    } else {
      times.push(now)
      costs.push(cost)
    }
    state.total += cost
  },
  remaining: (state, _rule, limit) => limit - state.total,
  reset: (state, rule, now) => (state.times.length === 0 ? 0 : (state.times.at(-1) as number) + rule.windowMs - now),
}
