import { sql, type Database } from '@glueful/database'
import type { Logger } from 'glueful'
import type { Delivery } from '../../engine.ts'
import type { Failure } from '../../stored-job.ts'
import { buryForeign } from '../database/bury.ts'
import { withFailure } from '../database/settle.ts'
import type { HeldJobs } from './held-jobs.ts'
import { attemptOf, redisMark, toDelivery, toNewJob, type RedisJob } from './redis-job.ts'
import type { RedisQueues } from './redis-queues.ts'
import type { Fetched } from './settle-in-redis.ts'

export interface ClaimTools {
  readonly queues: RedisQueues
  readonly held: HeldJobs
  readonly database: Database
  readonly now: () => number
  readonly log: Logger
}

const crashOf = (attempt: number, worker: string, at: number): Failure => ({
  at,
  attempt,
  worker,
  kind: 'crash',
  name: 'WorkerLost',
  message: `The worker ${worker} was lost while it had the job.`,
})

/** Takes jobs from queues in Redis. */
export function createRedisClaims({ queues, held, database, now, log }: ClaimTools) {
  let claims = 0
  // Queues that gave as many jobs as were asked for.
  const full = new Set<string>()

  /** Makes a job that Redis gave out a delivery of a worker. */
  async function take(job: RedisJob, queue: string, worker: string, claim: string): Promise<Delivery> {
    // Taken by another before the loss was written down.
    if (job.stalledCounter > (job.data.crashes ?? 0)) await noteCrash(job, crashOf(attemptOf(job) - 1, 'unknown', now()))
    const delivery = toDelivery(job, queue, claim)
    held.add({ job, delivery, worker })
    return delivery
  }

  async function noteCrash(job: RedisJob, failure: Failure): Promise<void> {
    await job.updateData({ ...job.data, failures: withFailure({ failures: job.data.failures ?? [] }, failure), crashes: job.stalledCounter })
  }

  return {
    /** Whether a queue had as many jobs as were asked for the last time. */
    isFull: (queue: string) => full.has(queue),
    /** One that was given out in exchange for one that is done. */
    exchanged: ({ data, id }: Fetched, { queue, claim }: Delivery, worker: string) =>
      take(queues.jobOf(queues.claimerOf(queue, worker), data, id), queue, worker, claim),
    dry: (queue: string) => void full.delete(queue),
    async claim(queue: string, worker: string, limit: number): Promise<Delivery[]> {
      const claimer = queues.claimerOf(queue, worker)
      const claim = `${redisMark}${(++claims).toString(36)}.${Math.random().toString(36).slice(2, 12)}`
      const deliveries: Delivery[] = []
      const one = async () => {
        const job = (await claimer.getNextJob(claim, { block: false })) as RedisJob | undefined
        if (job !== undefined) deliveries.push(await take(job, queue, worker, claim))
      }
      // In growing rounds, so that an empty queue is asked once and one that was full the last time by the hundred.
      for (let size = full.has(queue) ? limit : 1; deliveries.length < limit; size = Math.min(size * 8, limit)) {
        const wanted = deliveries.length + Math.min(size, limit - deliveries.length)
        const asked = await Promise.allSettled(Array.from({ length: wanted - deliveries.length }, one))
        const failed = asked.find((result) => result.status === 'rejected')
        // What Redis has given out by then is run; what it gave out and could not say comes back when its lock has ended.
        if (failed !== undefined && deliveries.length === 0) throw failed.reason
        if (failed !== undefined) log.warn({ err: failed.reason as unknown, queue }, 'Redis gave out fewer jobs than were asked for')
        if (deliveries.length < wanted) break
      }
      if (deliveries.length < limit) full.delete(queue)
      else full.add(queue)
      return deliveries
    },
    /** A worker was lost with the job: that counts as an attempt, and the last one ends in the dead letters. */
    async recovered(queue: string, id: string): Promise<void> {
      const job = (await queues.queueOf(queue).getJob(id)) as RedisJob | undefined
      if (job === undefined || job.stalledCounter <= (job.data.crashes ?? 0)) return
      const attempt = attemptOf(job)
      const failure = crashOf(attempt, job.processedBy ?? 'unknown', now())
      if (attempt < job.data.tries) return noteCrash(job, failure)
      // One whose effects are committed is done, and only Redis does not know yet.
      const done = await database.first(sql`select 1 as done from glueful_job_effects where job_id = ${id}`)
      if (done === undefined) await buryForeign(database, toNewJob(job, queue), attempt, withFailure({ failures: job.data.failures ?? [] }, failure), now())
      await job.remove()
    },
  }
}

export type RedisClaims = ReturnType<typeof createRedisClaims>
