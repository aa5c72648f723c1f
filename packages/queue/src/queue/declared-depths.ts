import type { QueueDepth, QueueLimitRecord } from '../engine/engine.ts'
import type { AnyJob } from '../job/job.ts'
import type { QueueStatus } from './queue.ts'

/** The queues that jobs name, sorted: they are there for operators before anything was stored in them. */
export function declaredQueues(jobs: ReadonlyMap<string, AnyJob>): readonly string[] {
  return [...new Set([...jobs.values()].map(({ compiled }) => compiled.queue))].toSorted()
}

/** What is stored, and the queues of which nothing is, with their limits. */
export function withDeclaredQueues(depths: readonly QueueDepth[], queues: readonly string[], records: readonly QueueLimitRecord[]): readonly QueueStatus[] {
  const stored = new Set(depths.map(({ queue }) => queue))
  const declared = new Set([...queues, ...records.map(({ queue }) => queue)])
  const idle = [...declared].filter((queue) => !stored.has(queue)).map((queue) => ({ queue, states: {}, oldestAt: undefined, paused: false }))
  const limits = new Map(records.map(({ queue, ...limit }) => [queue, limit]))
  return [...depths, ...idle].map((depth) => ({ ...depth, limits: limits.get(depth.queue) })).toSorted((a, b) => (a.queue < b.queue ? -1 : 1))
}
