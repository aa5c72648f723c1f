import type { Queue as BullQueue } from 'bullmq'
import type { NewJob } from '../../stored-job.ts'
import { toJobJson, type RedisJobData } from './redis-job.ts'

const partSize = 100

/**
 * Stores jobs of one queue through BullMQ's backend, without the objects that its queue makes of each job to give back.
 * Many go in parts: while Redis stores one, the next one is made.
 */
export async function storeInRedis({ backend }: BullQueue<RedisJobData>, jobs: readonly NewJob[], now: number): Promise<void> {
  const [only] = jobs
  if (only !== undefined && jobs.length === 1) {
    await backend.addJob(toJobJson(only, now), only.id)
    return
  }
  const parts: Promise<unknown>[] = []
  for (let at = 0; at < jobs.length; at += partSize) {
    parts.push(backend.addJobs(jobs.slice(at, at + partSize).map((job) => ({ job: toJobJson(job, now), jobId: job.id }))))
  }
  await Promise.all(parts)
}
