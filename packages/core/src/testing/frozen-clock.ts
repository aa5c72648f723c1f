import type { Clock } from '../foundation/clock.ts'

/** A clock that stands still until it is told to move. */
export interface FrozenClock extends Clock {
  /** Moves both times on, in ms. */
  advance(ms: number): void
  /** Sets the wall time alone, as an adjusted system clock does; ms since the epoch. */
  set(now: number): void
}

/** Starts at 2026-01-01T00:00:00Z, or at `start` in ms since the epoch. */
export function createFrozenClock(start = Date.UTC(2026, 0, 1)): FrozenClock {
  let wall = start
  let steady = 0
  return {
    now: () => wall,
    monotonic: () => steady,
    advance: (ms) => {
      wall += ms
      steady += ms
    },
    set: (now) => void (wall = now),
  }
}
