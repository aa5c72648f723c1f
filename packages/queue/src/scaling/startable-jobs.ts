import type { QueueStatus } from '../queue/queue.ts'

/** How many jobs of a queue more processes could start now: one that does all that it may has no use for them. */
export function startableJobs({ states, paused, limits }: QueueStatus): number {
  if (paused) return 0
  const ready = (states.waiting ?? 0) + (states.grouped ?? 0) + (states.suspect ?? 0)
  const places = limits?.concurrency === undefined ? Infinity : limits.concurrency.limit - limits.concurrency.active
  const starts = limits?.rate === undefined ? Infinity : limits.rate.limit - limits.rate.used
  return Math.max(0, Math.min(ready, places, starts))
}
