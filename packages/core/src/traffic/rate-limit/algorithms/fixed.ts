import { tolerance, type Algorithm } from './algorithm.ts'

export interface FixedState {
  start: number
  count: number
}

/** From the first attempt on, until the window has passed. */
export const fixed: Algorithm<FixedState> = {
  create: () => ({ start: 0, count: 0 }),
  advance(state, rule, now) {
    if (state.count > 0 && state.start + rule.windowMs - now <= tolerance) state.count = 0
  },
  wait: (state, rule, limit, cost, now) => (state.count + cost <= limit ? 0 : state.count === 0 ? rule.windowMs : state.start + rule.windowMs - now),
  consume(state, _rule, cost, now) {
    if (state.count === 0) state.start = now
    state.count += cost
  },
  remaining: (state, _rule, limit) => limit - state.count,
  reset: (state, rule, now) => (state.count === 0 ? 0 : state.start + rule.windowMs - now),
}
