import { service, type Duration, type Service } from 'glueful'
import type { DeadLetters } from '../dead-letters/dead-letter.ts'
import type { JobFilter, QueueDepth, QueueLimitRecord, WorkerRecord } from '../engine/engine.ts'
import type { JobRecord } from '../engine/stored-job.ts'
import type { Dispatched, Dispatcher } from '../job/dispatcher.ts'
import type { Explanation } from '../explain/diagnose.ts'
import type { BatchRecord } from '../job/batch.ts'
import type { QueueMetrics } from '../metrics/job-metrics.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { AnyJob, Job } from '../job/job.ts'
import type { DispatchOptions } from '../job/job-options.ts'

/** What waits in a queue, and what it may do. */
export interface QueueStatus extends QueueDepth {
  /** Of the whole queue, as `queue({ queues })` says; undefined where it has none. */
  readonly limits: Omit<QueueLimitRecord, 'queue'> | undefined
}

/** The queue of an application: `ctx.use(Queue)`. */
export interface Queue extends Dispatcher {
  /** As `job.dispatch`, for where several applications run in one process. */
  dispatch<Input>(job: Job<Input, unknown>, payload: Input, options?: DispatchOptions): Promise<Dispatched>
  /** What has failed for good. @throws `QUEUE_WITHOUT_DATABASE` with QUEUE_DRIVER=sync */
  readonly deadLetters: DeadLetters
  /** How job classes and queues are doing. @throws `QUEUE_WITHOUT_DATABASE` with QUEUE_DRIVER=sync */
  readonly metrics: QueueMetrics
  /** What holds a queue back, with the evidence; `target` is the time within which its backlog should be gone. Default: `'5m'`. */
  explain(queue: string, options?: { readonly target?: Duration }): Promise<Explanation>
  /** The times of schedules, and what became of them. @throws `QUEUE_WITHOUT_DATABASE` with QUEUE_DRIVER=sync */
  readonly schedule: Pick<Scheduler, 'status' | 'history' | 'runNow'>
  /** The jobs it knows, by name. */
  readonly jobs: ReadonlyMap<string, AnyJob>
  /** A stored job; one that is done is removed unless it has `keep`. */
  find(id: string): Promise<JobRecord | undefined>
  /** How a batch is doing; it is forgotten a day after it has ended. */
  batch(id: string): Promise<BatchRecord | undefined>
  list(filter?: JobFilter): Promise<readonly JobRecord[]>
  /** What waits where, by name of the queue: of every queue that a job names or that has limits, and every other in which something is stored. */
  depths(): Promise<readonly QueueStatus[]>
  workers(): Promise<readonly WorkerRecord[]>
  /** Stops a queue from giving out jobs, for all workers, until `resume`; those that run go on. */
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
  /** True when the job was there and had not ended. One that runs has its signal aborted, and is not tried again. */
  cancel(id: string): Promise<boolean>
}

export const Queue: Service<Queue> = service<Queue>('queue')
