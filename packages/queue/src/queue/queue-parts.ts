import { service, type Service } from 'glueful'
import type { Engine } from '../engine/engine.ts'
import type { NewJob } from '../engine/stored-job.ts'
import type { AnyJob } from '../job/job.ts'
import type { Recorder } from '../metrics/recorder.ts'
import type { Scheduled } from '../schedule/scheduled.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { Worker } from '../worker/worker.ts'
import type { QueueShare } from '../worker/queue-order.ts'
import type { Queue } from './queue.ts'

/** How a worker of an application is made; what is left out comes from the settings. */
export interface WorkerRequest {
  readonly queues?: readonly QueueShare[]
  readonly concurrency?: number
  readonly maxJobs?: number
  /** In bytes. */
  readonly maxMemory?: number
}

/** The parts of a queue that workers and the administration are made from. */
export interface QueueParts {
  readonly engine: Engine
  readonly jobs: ReadonlyMap<string, AnyJob>
  readonly queue: Queue
  createWorker(request?: WorkerRequest): Worker
  /** Counts what the workers of this process do; undefined where nothing is stored. */
  readonly recorder: Recorder | undefined
  readonly schedules: readonly Scheduled[]
  /** @throws `QUEUE_WITHOUT_DATABASE` */
  scheduler(): Scheduler
  /** What a worker takes jobs from that is told nothing else. */
  defaultQueues(): readonly QueueShare[]
  /** Tells of every job that is stored from now on, once it is committed. */
  tap(listener: (jobs: readonly NewJob[]) => void): void
}

export const QueueService: Service<QueueParts> = service<QueueParts>('queue-parts')
