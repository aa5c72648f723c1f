import type { Queue as BullQueue } from 'bullmq'
import type { Engine, JobFilter, QueueDepth } from '../../engine.ts'
import type { JobRecord, JobState } from '../../stored-job.ts'
import { runAtOf, toRecord, type RedisJob, type RedisJobData } from './redis-job.ts'

/** Where jobs are looked for: in Redis, and in the database that keeps the rest. */
export interface Looking {
  readonly books: Engine
  readonly names: () => Promise<string[]>
  readonly queueOf: (name: string) => BullQueue<RedisJobData>
}

const states: readonly (readonly [bull: 'waiting' | 'prioritized' | 'delayed' | 'active', state: JobState])[] = [
  ['waiting', 'waiting'],
  ['prioritized', 'waiting'],
  ['delayed', 'delayed'],
  ['active', 'active'],
]

/** A job that is in Redis. */
export async function findJob({ names, queueOf }: Looking, id: string): Promise<JobRecord | undefined> {
  for (const name of await names()) {
    const job = (await queueOf(name).getJob(id)) as RedisJob | undefined
    if (job === undefined) continue
    const state = await job.getState()
    const known = states.find(([bull]) => bull === state)?.[1]
    return known === undefined ? undefined : toRecord(job, name, known)
  }
  return undefined
}

/** Jobs in both places, in the order of their dispatch. */
export async function listJobs({ books, names, queueOf }: Looking, filter: JobFilter): Promise<readonly JobRecord[]> {
  const limit = Math.min(filter.limit ?? 100, 1_000)
  const found = [...(await books.list(filter))]
  for (const name of filter.queue === undefined ? await names() : [filter.queue]) {
    for (const [bull, state] of states) {
      if (filter.state !== undefined && filter.state !== state) continue
      for (const job of (await queueOf(name).getJobs([bull], 0, limit)) as (RedisJob | undefined)[]) {
        if (job === undefined || (filter.job !== undefined && filter.job !== job.name)) continue
        if (filter.tag !== undefined && job.data.meta?.tags?.includes(filter.tag) !== true) continue
        if (filter.after === undefined || (job.id as string) > filter.after) found.push(toRecord(job, name, state))
      }
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
}

export async function queueDepths({ books, names, queueOf }: Looking): Promise<readonly QueueDepth[]> {
  const all = new Map<string, QueueDepth>((await books.depths()).map((depth) => [depth.queue, depth]))
  for (const name of await names()) {
    const queue = queueOf(name)
    const counts = await queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active')
    const ready = (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0)
    const before = all.get(name)
    const sum = (state: JobState, count: number) => {
      const total = (before?.states[state] ?? 0) + count
      return total === 0 ? {} : { [state]: total }
    }
    const own = { ...before?.states, ...sum('waiting', ready), ...sum('delayed', counts['delayed'] ?? 0), ...sum('active', counts['active'] ?? 0) }
    if (Object.keys(own).length === 0 && before === undefined) continue
    const [oldest] = ready === 0 ? [] : await queue.getJobs(['waiting', 'prioritized'], 0, 0, true)
    const ages = [before?.oldestAt, oldest === undefined ? undefined : runAtOf(oldest)].filter((at) => at !== undefined)
    all.set(name, { queue: name, states: own, oldestAt: ages.length === 0 ? undefined : Math.min(...ages), paused: before?.paused ?? false })
  }
  return [...all.values()].sort((a, b) => (a.queue < b.queue ? -1 : 1))
}
