import type { Origin } from '../tracing/origin.ts'

/** One attempt that did not succeed. */
export interface Failure {
  /** ms since the epoch. */
  readonly at: number
  readonly attempt: number
  readonly worker: string
  /** `crash`: the worker was lost while it had the job. */
  readonly kind: 'error' | 'timeout' | 'crash' | 'payload' | 'buried'
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly code?: string
}

/** What travels with a job beside its payload. */
export interface JobMeta extends Origin {
  readonly tags?: readonly string[]
  /** What is dispatched when this job is done, the first one next. */
  readonly chain?: readonly NewJob[]
  /** The job of the same key that ran when this one replaced it: this one runs when that has ended, one way or another. */
  readonly behind?: string
  /** The redrive that took it out of the dead letters. */
  readonly redrive?: string
}

/** What jobs may do that are counted together, over all workers. */
export interface Limits {
  /** How many may run at once. */
  readonly concurrency: number | undefined
  /** How many may start within a time, in fixed windows. */
  readonly rate: { readonly limit: number; readonly perMs: number } | undefined
}

/** Jobs that share limits. */
export interface JobGroup extends Limits {
  readonly key: string
}

/** A job as it is handed to an engine. */
export interface NewJob {
  /** UUID version 7. */
  readonly id: string
  readonly job: string
  readonly queue: string
  /** JSON, or empty. */
  readonly payload: string
  /** Higher first. */
  readonly priority: number
  /** ms since the epoch, as all times here. */
  readonly createdAt: number
  /** The earliest start; `createdAt` where there is no delay. */
  readonly runAt: number
  readonly tries: number
  readonly keepMs: number
  readonly unique?: { readonly key: string; readonly until: number | undefined; readonly onConflict: 'existing' | 'reject' | 'replace' }
  readonly group?: JobGroup
  readonly batchId?: string
  readonly after?: readonly string[]
  /** Those of `after` that are not done and are kept by another engine. */
  readonly afterElsewhere?: readonly string[]
  readonly meta?: JobMeta
  /** Of a job that comes back from the dead letters, or from another engine. */
  readonly failures?: readonly Failure[]
  /** Attempts that count already, of a job that comes from another engine. Default: 0. */
  readonly attempts?: number
}

export type JobState = 'waiting' | 'delayed' | 'grouped' | 'suspect' | 'blocked' | 'active' | 'done' | 'cancelled'

/** A stored job as it is looked at. */
export interface JobRecord {
  readonly id: string
  readonly job: string
  readonly queue: string
  readonly state: JobState
  readonly payload: string
  readonly priority: number
  readonly createdAt: number
  readonly runAt: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly attempts: number
  readonly tries: number
  readonly worker: string | undefined
  readonly progress: unknown
  readonly result: unknown
  readonly batchId: string | undefined
  readonly failures: readonly Failure[]
  readonly meta: JobMeta
}
