import type { Dispatched } from '../job/dispatcher.ts'
import type { BatchRecord } from '../job/batch.ts'
import type { Failure, JobMeta, JobRecord, JobState, NewJob } from './stored-job.ts'

/**
 * What keeps the jobs. Roles are small, so that a part asks for what it needs: dispatching needs `Enqueue`, a worker
 * `Deliver`, `Lease` and `Wake`, the administration `Inspect` and `Control`. One suite holds every engine to the same words.
 */
export interface Engine extends Enqueue, Batches, Deliver, Lease, Wake, Inspect, Control {
  readonly name: string
  /** Connects and checks its surroundings. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface Enqueue {
  /**
   * Stores jobs, all or none; joins the transaction that is open here.
   * @throws `JOB_DUPLICATE`
   */
  enqueue(jobs: readonly NewJob[]): Promise<readonly Dispatched[]>
}

/** What a batch dispatches in the end. */
export interface BatchCallbacks {
  readonly then?: NewJob
  readonly catch?: NewJob
  readonly finally?: NewJob
}

export interface NewBatch {
  readonly id: string
  readonly name: string | undefined
  readonly allowFailures: boolean
  readonly callbacks: BatchCallbacks
  readonly createdAt: number
}

export interface Batches {
  /** Stores a batch with its jobs, all or nothing; joins the transaction that is open here. */
  enqueueBatch(batch: NewBatch, jobs: readonly NewJob[]): Promise<void>
  findBatch(id: string): Promise<BatchRecord | undefined>
}

/** A job that a worker was given, with the proof that it is the one who has it. */
export interface Delivery {
  readonly id: string
  /** The fencing token: whoever shows an older one is refused. */
  readonly claim: string
  readonly job: string
  readonly queue: string
  readonly payload: string
  readonly priority: number
  readonly createdAt: number
  readonly runAt: number
  /** From 1. */
  readonly attempt: number
  readonly tries: number
  readonly crashes: number
  readonly keepMs: number
  readonly batchId: string | undefined
  readonly groupKey: string | undefined
  readonly uniqueKey: string | undefined
  readonly uniqueUntil: number | undefined
  readonly failures: readonly Failure[]
  readonly meta: JobMeta
}

export interface ClaimRequest {
  readonly worker: string
  /** In the order of preference. */
  readonly queues: readonly string[]
  readonly limit: number
  /** How many jobs that were lost with a worker before may be among them. */
  readonly suspects: number
}

/** What became of a delivery. */
export type Settlement = { readonly delivery: Delivery } &
  /** `recorded`: by the transaction of its handler, so that there is nothing more to write. */
  (
    | { readonly kind: 'complete'; readonly result?: string; readonly follow?: readonly NewJob[]; readonly recorded?: true }
    | { readonly kind: 'retry'; readonly runAt: number; readonly failure: Failure }
    | { readonly kind: 'bury'; readonly failure: Failure }
    /** Handed back; the attempt does not count. */
    | { readonly kind: 'release'; readonly runAt: number }
    | { readonly kind: 'cancel' }
  )

export interface Settled {
  /** Ids of deliveries that belonged to somebody else by now; nothing of them was recorded. */
  readonly refused: readonly string[]
  /** What could not be recorded now and may be settled again, where the rest was. */
  readonly unsettled?: readonly Settlement[]
  readonly deliveries: readonly Delivery[]
}

export interface Deliver {
  /** How many times a worker may ask at once to advantage: while one answer is under way, the jobs of another run. */
  readonly lanes: number
  claim(request: ClaimRequest): Promise<readonly Delivery[]>
  /** Records what became of deliveries, and claims the next ones in the same turn where `next` asks for it. */
  settle(settlements: readonly Settlement[], next?: ClaimRequest): Promise<Settled>
  /**
   * Runs `work` in a transaction that also records the delivery as done; rolls back when it belongs to somebody else.
   * False where the work is committed, or was before, and the record of it still has to be settled.
   */
  settleWithin(delivery: Delivery, work: () => Promise<Settlement & { kind: 'complete' }>): Promise<boolean>
  /**
   * Hands back what was claimed for a worker that never heard of it, because the answer was lost on its way; `held` are
   * the ids of what it did hear of. Says how many there were.
   */
  reconcile(worker: string, held: ReadonlySet<string>): Promise<number>
  reportProgress(delivery: Delivery, progress: string): Promise<void>
}

export interface WorkerRecord {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly queues: readonly string[]
  readonly concurrency: number
  readonly startedAt: number
  readonly state: 'idle' | 'busy' | 'paused' | 'stopping' | 'crashed'
  readonly running: number
  readonly done: number
  readonly failed: number
  readonly memoryBytes: number
  readonly cpuSeconds: number
  readonly seenAt: number
}

export interface Pulse {
  /** False when the worker was given up and its jobs were handed to others. */
  readonly alive: boolean
  /** Its running jobs that are to be cancelled. */
  readonly cancelled: readonly string[]
}

export interface Lease {
  /** Adds a worker, or says that it is alive and how it does; its jobs are its own for `leaseMs` more. */
  pulse(worker: WorkerRecord, leaseMs: number, first: boolean): Promise<Pulse>
  /** Takes the jobs of workers whose lease has ended; the crash counts as an attempt. Makes due jobs ready and prunes what has had its time. */
  maintain(): Promise<Maintained>
  /** Makes delayed jobs that are due ready, and tells of queues that may start more; says when the next of either is due. */
  promote(): Promise<{ readonly promoted: readonly string[]; readonly nextAt: number | undefined }>
  leave(worker: string): Promise<void>
}

export interface Maintained {
  readonly lostWorkers: readonly string[]
  readonly recovered: number
  readonly buried: number
  readonly pruned: number
}

export interface Wake {
  /** Tells of queues that may have work now; the function returned ends it. */
  onWork(listener: (queue: string) => void): () => void
  /** How long an idle worker may rely on being told, in ms. */
  readonly pollMs: number
}

export interface QueueDepth {
  readonly queue: string
  readonly states: Readonly<Partial<Record<JobState, number>>>
  /** When the job that has been ready longest became ready. */
  readonly oldestAt: number | undefined
  readonly paused: boolean
}

/** The limits of a whole queue, and how they stand. */
export interface QueueLimitRecord {
  readonly queue: string
  /** How many of its jobs may run at once, and how many do. */
  readonly concurrency: { readonly limit: number; readonly active: number } | undefined
  /** How many of its jobs may start within `perMs`, and how many have in the window that is open. */
  readonly rate: { readonly limit: number; readonly perMs: number; readonly used: number } | undefined
}

export interface JobFilter {
  readonly queue?: string
  readonly job?: string
  readonly state?: JobState
  readonly tag?: string
  /** Default: 100, at most 1,000. */
  readonly limit?: number
  /** Ids after this one. */
  readonly after?: string
}

export interface Inspect {
  find(id: string): Promise<JobRecord | undefined>
  list(filter: JobFilter): Promise<readonly JobRecord[]>
  depths(): Promise<readonly QueueDepth[]>
  /** Of the queues that have limits, by name. */
  limits(): Promise<readonly QueueLimitRecord[]>
  workers(): Promise<readonly WorkerRecord[]>
}

export interface Control {
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
  /** True when the job was there and had not ended; one that runs is told through its signal. */
  cancel(id: string): Promise<boolean>
}
