import { AsyncLocalStorage } from 'node:async_hooks'
import { fail } from '../errors.ts'
import type { BatchOptions } from './batch.ts'
import type { AnyJob, PlannedJob } from './job.ts'
import type { DispatchOptions } from './job-options.ts'

/** What a dispatch gives: which job stands for it, and whether it was there before. */
export interface Dispatched {
  readonly id: string
  /** `queued`; with `unique`, `existing` or `replaced`. */
  readonly outcome: 'queued' | 'existing' | 'replaced'
}

/** The part of a queue that jobs are dispatched through. */
export interface Dispatcher {
  dispatchMany(job: AnyJob, payloads: readonly unknown[], options?: DispatchOptions): Promise<readonly Dispatched[]>
  /** Runs a job here and now, without storing it; rejects as its handler does. */
  runNow(job: AnyJob, payload: unknown): Promise<unknown>
  dispatchChain(jobs: readonly PlannedJob[]): Promise<Dispatched>
  dispatchBatch(jobs: readonly PlannedJob[], options: BatchOptions): Promise<{ readonly id: string }>
}

/** What a dispatch finds by context: the queue, and the request on whose behalf it is. */
interface Ambient {
  readonly dispatcher: Dispatcher
  readonly requestId: string | undefined
}

const ambient = new AsyncLocalStorage<Ambient>()
const running: Dispatcher[] = []

/** Makes a queue the one that `job.dispatch` uses in this process; the one added last counts. */
export function addDispatcher(dispatcher: Dispatcher): () => void {
  running.push(dispatcher)
  return () => {
    const at = running.lastIndexOf(dispatcher)
    if (at !== -1) running.splice(at, 1)
  }
}

/** Runs `work` with a queue that comes before all others, on behalf of a request where there is one. */
export function withDispatcher<T>(dispatcher: Dispatcher, requestId: string | undefined, work: () => T): T {
  return ambient.run({ dispatcher, requestId }, work)
}

/** @throws `QUEUE_NOT_BOOTED` */
export function currentDispatcher(job: string): Dispatcher {
  const found = ambient.getStore()?.dispatcher ?? running.at(-1)
  if (found === undefined) throw fail('QUEUE_NOT_BOOTED', { job })
  return found
}

/** The id of the request that what runs here goes back to. */
export function currentRequestId(): string | undefined {
  return ambient.getStore()?.requestId
}
