import type { Job as BullJob, JobJson, JobsOptions } from 'bullmq'
import type { Delivery } from '../../engine.ts'
import type { Failure, JobMeta, JobRecord, JobState, Limits, NewJob } from '../../stored-job.ts'

/** What a job carries in Redis. */
export interface RedisJobData {
  readonly payload: string
  readonly tries: number
  /** Where it is not the time of the dispatch, which every job has. */
  readonly runAt?: number
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
 * are kept in the database, which can do all of that in one commit; those of raised priority too, to be claimed first, and
 * all of a queue that has limits, because what counts together must lie together.
 */
export function fitsRedis(job: NewJob, limits: ReadonlyMap<string, Limits>): boolean {
  return (
    !limits.has(job.queue) &&
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

/**
 * As BullMQ is given it. What all jobs have in common is an option of the workers instead, and what a job has by itself
 * is not said again: Redis keeps hashes with short fields in a third of the space, and is done with them sooner.
 */
export function toJobJson(job: NewJob, now: number): JobJson {
  const { id, payload, tries, createdAt, runAt, meta, priority } = job
  // As `RedisJobData`; put together here, because there are as many as jobs.
  const more = `${runAt === createdAt ? '' : `,"runAt":${runAt}`}${meta === undefined ? '' : `,"meta":${JSON.stringify(meta)}`}`
  const data = `{"payload":${JSON.stringify(payload)},"tries":${tries}${more}}`
  return {
    id,
    name: job.job,
    data,
    opts: runAt <= now && priority === 0 ? noOptions : optionsOf(runAt - now, priority),
    timestamp: createdAt,
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    failedReason: '',
    returnvalue: '',
  }
}

const noOptions: JobsOptions = Object.freeze({})

function optionsOf(delay: number, priority: number): JobsOptions {
  return { ...(delay > 0 ? { delay } : undefined), ...(priority < 0 ? { priority: 0 - priority } : undefined) }
}

const noMeta: JobMeta = {}
const noFailures: readonly Failure[] = []

export function attemptOf(job: RedisJob): number {
  return job.attemptsStarted - (job.data.released ?? 0)
}

/** The earliest start. */
export function runAtOf({ data, timestamp }: RedisJob): number {
  return data.runAt ?? timestamp
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
    createdAt: job.timestamp,
    runAt: runAtOf(job),
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
  const { payload, tries, meta } = job.data
  return {
    id: job.id as string,
    job: job.name,
    queue,
    payload,
    tries,
    createdAt: job.timestamp,
    runAt: runAtOf(job),
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
    createdAt: job.timestamp,
    runAt: runAtOf(job),
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
