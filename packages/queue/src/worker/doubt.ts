import type { Clock } from 'glueful'

const lastsMs = 60_000
const everyMs = 2_000

/**
 * Whether the queue may have given out jobs of which nobody knows: from a claim that failed until long after, because
 * what was asked for last may still be under way at the server. Looked into at once and then every two seconds.
 */
export function createDoubt(clock: Clock) {
  let until = -Infinity
  let dueAt = 0
  return {
    arise(): void {
      dueAt = clock.monotonic()
      until = dueAt + lastsMs
    },
    get isAlive(): boolean {
      return clock.monotonic() < until
    },
    get isDue(): boolean {
      const now = clock.monotonic()
      return now < until && now >= dueAt
    },
    looked(): void {
      dueAt = clock.monotonic() + everyMs
    },
  }
}
