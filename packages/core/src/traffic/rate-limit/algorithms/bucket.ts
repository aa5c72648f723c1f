import { tolerance, type Algorithm } from './algorithm.ts'

/** When the bucket will be full again; the generic cell rate algorithm (ITU-T I.371) needs no more. */
export interface BucketState {
  full: number
}

export const bucket: Algorithm<BucketState> = {
  create: () => ({ full: 0 }),
  advance(state, _rule, now) {
    if (state.full < now) state.full = now
  },
  wait(state, rule, limit, cost, now) {
    const each = rule.windowMs / rule.attempts
    const over = state.full + cost * each - now - limit * each
    return over <= tolerance ? 0 : over
  },
  consume(state, rule, cost) {
    state.full += (cost * rule.windowMs) / rule.attempts
  },
  remaining: (state, rule, limit, now) => limit - ((state.full - now) * rule.attempts) / rule.windowMs + tolerance,
  reset: (state, _rule, now) => state.full - now,
}
