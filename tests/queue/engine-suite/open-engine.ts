import { createJobId } from '../../../packages/queue/src/job/job-id.ts'
import type { Delivery, Engine, WorkerRecord } from '../../../packages/queue/src/engine/engine.ts'
import type { Failure, NewJob } from '../../../packages/queue/src/engine/stored-job.ts'

/** An engine of a test's own, with nothing stored. */
export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine
  now(): number
  /** Lets time pass for the engine, in ms. */
  pass(ms: number): Promise<void>
  transaction<T>(work: () => Promise<T>): Promise<T>
  /** Ids of the jobs in the dead letters, with their histories. */
  dead(): Promise<readonly { readonly id: string; readonly failures: readonly Failure[] }[]>
}

/** Opens one in which these workers are known. */
export type OpenWith = (...workers: string[]) => Promise<OpenEngine>

export const leaseMs = 1_000

/** Queues that have limits in every engine of the suite. */
export const limitedQueues = {
  capped: { concurrency: 3 },
  slow: { rateLimit: { limit: 2, per: 600 } },
} as const

export const newJob = (now: number, more: Partial<NewJob> = {}): NewJob => ({
  id: createJobId(now),
  job: 'work',
  queue: 'default',
  payload: '',
  priority: 0,
  createdAt: now,
  runAt: now,
  tries: 3,
  keepMs: 0,
  ...more,
})
export const workerRecord = (id: string, now: number): WorkerRecord => ({
  id,
  host: 'here',
  pid: 1,
  queues: ['default'],
  concurrency: 1,
  startedAt: now,
  state: 'idle',
  running: 0,
  done: 0,
  failed: 0,
  memoryBytes: 1,
  cpuSeconds: 0,
  seenAt: now,
})
export const claim = (engine: Engine, worker = 'a', limit = 100, queues = ['default']) => engine.claim({ worker, queues, limit, suspects: 100 })
export const ids = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id)
export const failure = (delivery: Delivery, at: number): Failure => ({
  at,
  attempt: delivery.attempt,
  worker: 'a',
  kind: 'error',
  name: 'Error',
  message: 'no',
})
