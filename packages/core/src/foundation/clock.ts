/**
 * Where the framework takes the time from, so that tests can freeze it.
 * `now` is wall time in ms since the epoch; `monotonic` never goes back and is for measuring durations in ms.
 */
export interface Clock {
  now(): number
  monotonic(): number
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: performance.now.bind(performance),
}
