import type { Job as BullJob, JobsOptions } from 'bullmq'
import type { Delivery } from '../../engine.ts'
import type { Failure, JobMeta, JobRecord, JobState, NewJob } from '../../stored-job.ts'

/** What a job carries in Redis. */
export interface RedisJobData {
  readonly payload: string
  readonly tries: number
  readonly createdAt: number
  readonly runAt: number
  readonly meta?: JobMeta
  readonly failures?: readonly Failure[]
  /** Attempts that were handed back and do not count. */
  readonly released?: number
  /** Crashes that stand in the history. */
  readonly crashes?: number
  readonly progress?: unknown
}

export type RedisJob = BullJob<RedisJobData>

/** What claims of jobs in Redis begin with. */
export const redisMark = 'redis:'

export function isInRedis({ delivery }: { readonly delivery: Delivery }): boolean {
  return delivery.claim.startsWith(redisMark)
}

/**
 * What Redis carries: jobs that stand for themselves. Those with keys, limits, dependencies, batches, chains or results
 * are kept in the database, which can do all of that in one commit; those of raised priority too, to be claimed first.
 */
export function fitsRedis(job: NewJob): boolean {
  return (
    job.unique === undefined &&
    job.group === undefined &&
    job.after === undefined &&
    job.batchId === undefined &&
    job.failures === undefined &&
    job.meta?.chain === undefined &&
    job.keepMs === 0 &&
    job.priority <= 0
  )
}

export function toBull(job: NewJob, now: number): { readonly name: string; readonly data: RedisJobData; readonly opts: JobsOptions } {
  const { payload, tries, createdAt, runAt, meta } = job
  return {
    name: job.job,
    data: { payload, tries, createdAt, runAt, ...(meta === undefined ? undefined : { meta }) },
    opts: {
      jobId: job.id,
      timestamp: createdAt,
      // Attempts and waits are the worker's to count, in the same way for every engine.
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
      ...(runAt > now ? { delay: runAt - now } : undefined),
      ...(job.priority < 0 ? { priority: 0 - job.priority } : undefined),
    },
  }
}

const noMeta: JobMeta = {}
const noFailures: readonly Failure[] = []

export function attemptOf(job: RedisJob): number {
  return job.attemptsStarted - (job.data.released ?? 0)
}

export function toDelivery(job: RedisJob, queue: string, claim: string): Delivery {
  const { data } = job
  return {
    id: job.id as string,
    claim,
    job: job.name,
    queue,
    payload: data.payload,
    priority: 0 - (job.priority ?? 0),
    createdAt: data.createdAt,
    runAt: data.runAt,
    attempt: attemptOf(job),
    tries: data.tries,
    crashes: job.stalledCounter,
    keepMs: 0,
    batchId: undefined,
    groupKey: undefined,
    uniqueKey: undefined,
    uniqueUntil: undefined,
    failures: data.failures ?? noFailures,
    meta: data.meta ?? noMeta,
  }
}

/** As an engine would be given it. */
export function toNewJob(job: RedisJob, queue: string): NewJob {
  const { payload, tries, createdAt, runAt, meta } = job.data
  return {
    id: job.id as string,
    job: job.name,
    queue,
    payload,
    tries,
    createdAt,
    runAt,
    priority: 0 - (job.priority ?? 0),
    keepMs: 0,
    ...(meta === undefined ? undefined : { meta }),
  }
}

export function toRecord(job: RedisJob, queue: string, state: JobState): JobRecord {
  const { data } = job
  return {
    id: job.id as string,
    job: job.name,
    queue,
    state,
    payload: data.payload,
    priority: 0 - (job.priority ?? 0),
    createdAt: data.createdAt,
    runAt: data.runAt,
    startedAt: job.processedOn,
    finishedAt: undefined,
    attempts: attemptOf(job),
    tries: data.tries,
    worker: state === 'active' ? job.processedBy : undefined,
    progress: data.progress,
    result: undefined,
    batchId: undefined,
    failures: data.failures ?? noFailures,
    meta: data.meta ?? noMeta,
  }
}
