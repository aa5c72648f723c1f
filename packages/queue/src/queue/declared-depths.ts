import type { QueueDepth } from '../engine/engine.ts'
import type { AnyJob } from '../job/job.ts'

/** The queues that jobs name, sorted: they are there for operators before anything was stored in them. */
export function declaredQueues(jobs: ReadonlyMap<string, AnyJob>): readonly string[] {
  return [...new Set([...jobs.values()].map(({ compiled }) => compiled.queue))].toSorted()
}

/** What is stored, and the queues of which nothing is. */
export function withDeclaredQueues(depths: readonly QueueDepth[], queues: readonly string[]): readonly QueueDepth[] {
  const stored = new Set(depths.map(({ queue }) => queue))
  const idle = queues.filter((queue) => !stored.has(queue)).map((queue) => ({ queue, states: {}, oldestAt: undefined, paused: false }))
  return [...depths, ...idle].toSorted((a, b) => (a.queue < b.queue ? -1 : 1))
}
