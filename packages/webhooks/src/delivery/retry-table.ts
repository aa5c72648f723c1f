import { parseDuration, type Duration } from 'glueful'

/** The waits after each failed attempt; the last attempt is one after the last wait. */
export const standardRetries: readonly Duration[] = ['1m', '5m', '30m', '2h', '12h', '1d']

export interface RetryTable {
  /** After how long the next attempt is made, in ms; undefined when there is none. `failed` counts from 1. */
  waitAfter(failed: number): number | undefined
}

/** `jitter` only lengthens: a wait lies between what the table says and `1 + jitter` times that. */
export function createRetryTable(waits: readonly Duration[], jitter: number, random: () => number = Math.random): RetryTable {
  const ms = waits.map((wait) => parseDuration(wait, 'retries of webhooks'))
  return {
    waitAfter: (failed) => {
      const wait = ms[failed - 1]
      return wait === undefined ? undefined : Math.round(wait * (1 + jitter * random()))
    },
  }
}
