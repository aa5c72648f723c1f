import { currentDispatcher } from './dispatcher.ts'
import type { PlannedJob } from './job.ts'

export interface BatchOptions {
  /** For people. */
  readonly name?: string
  /** Dispatched when all were done. */
  readonly then?: PlannedJob
  /** Dispatched when the first one has failed for good. */
  readonly catch?: PlannedJob
  /** Dispatched when all have ended, one way or another. */
  readonly finally?: PlannedJob
  /** Whether the rest goes on when one has failed for good; otherwise what has not begun is taken out. Default: false. */
  readonly allowFailures?: boolean
}

/** Jobs side by side that are watched as one. */
export interface Batch {
  readonly kind: 'batch'
  /** Stores all of them, or none; gives the id of the batch. */
  dispatch(): Promise<{ readonly id: string }>
}

/** How a batch is doing. */
export interface BatchRecord {
  readonly id: string
  readonly name: string | undefined
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  /** `failed` once it has ended and not all were done. */
  readonly state: 'open' | 'done' | 'failed'
  /** The part that has ended, from 0 to 1. */
  readonly progress: number
  readonly createdAt: number
  readonly finishedAt: number | undefined
}

/**
 * Plans jobs side by side, and what is dispatched when they have ended.
 *
 * @example
 * const { id } = await batch(cars.map((car) => IndexCar.with({ carId: car.id })), { then: Publish.with() }).dispatch()
 * const { progress } = await use(Queue).batch(id)
 */
export function batch(jobs: readonly PlannedJob[], options: BatchOptions = {}): Batch {
  return { kind: 'batch', dispatch: async () => currentDispatcher('batch').dispatchBatch(jobs, options) }
}
