import type { Awaitable, InputOf, OutputOf } from 'glueful'
import { currentDispatcher, type Dispatched } from './dispatcher.ts'
import { compileJob, type CompiledJob } from './compile-job.ts'
import type { JobContext } from './job-context.ts'
import type { DispatchOptions, JobOptions } from './job-options.ts'
import type { PayloadSchema } from './payload.ts'
import type { Verdict } from './verdict.ts'

/** A kind of background work as a plain value; made by `job`. */
export interface Job<Input = unknown, Result = unknown> {
  readonly kind: 'job'
  /** Stored with every job; a renamed job leaves stored ones behind. */
  readonly name: string
  readonly compiled: CompiledJob
  /** Carries `Result` for inference; never present at run time. */
  readonly result?: Result
  /**
   * Stores a job. Inside a transaction it commits with it, or not at all.
   * @throws `JOB_PAYLOAD_INVALID`, `JOB_PAYLOAD_TOO_LARGE`, `JOB_PAYLOAD_UNSERIALIZABLE`, `JOB_DUPLICATE`, `JOB_UNKNOWN`, `QUEUE_NOT_BOOTED`
   */
  dispatch(payload: Input, options?: DispatchOptions): Promise<Dispatched>
  /** Stores many jobs in one statement, all or none. */
  dispatchMany(payloads: readonly Input[], options?: DispatchOptions): Promise<readonly Dispatched[]>
  /** Runs the job here and now, once, without storing it; rejects as its handler does. */
  dispatchSync(payload: Input): Promise<Result>
  /** The job with a payload, for chains and batches. */
  with(payload: Input, options?: DispatchOptions): PlannedJob
}

/** A job of any payload, as the queue keeps it. */
export type AnyJob = Job<never, unknown>

/** A job that is to be dispatched as a part of something. */
export interface PlannedJob {
  readonly kind: 'planned-job'
  readonly job: AnyJob
  readonly payload: unknown
  readonly options: DispatchOptions
}

/**
 * Declares a job.
 *
 * @example
 * export const IndexCar = job('cars.index', {
 *   payload: z.object({ carId: z.uuid() }), tries: 5, timeout: '30s', unique: ({ carId }) => carId,
 * }, async ({ payload, signal }) => search.put(payload.carId, { signal }))
 *
 * @throws `JOB_OPTION_INVALID`
 */
export function job<S extends PayloadSchema, Result>(
  name: string,
  options: JobOptions<OutputOf<S>> & { readonly payload: S },
  handler: (ctx: JobContext<OutputOf<S>>) => Awaitable<Result | Verdict>,
): Job<InputOf<S>, Result>
export function job<Result>(
  name: string,
  options: JobOptions<undefined> & { readonly payload?: undefined },
  handler: (ctx: JobContext<undefined>) => Awaitable<Result | Verdict>,
): Job<void, Result>
export function job(
  name: string,
  options: JobOptions<never> & { readonly payload?: PayloadSchema | undefined },
  handler: (ctx: JobContext<never>) => unknown,
): Job<unknown, unknown> {
  const compiled = compileJob(name, options, handler)
  const self: Job<unknown, unknown> = {
    kind: 'job',
    name,
    compiled,
    dispatch: async (payload, given) => (await currentDispatcher(name).dispatchMany(self, [payload], given))[0] as Dispatched,
    dispatchMany: async (payloads, given) => currentDispatcher(name).dispatchMany(self, payloads, given),
    dispatchSync: async (payload) => currentDispatcher(name).runNow(self, payload),
    with: (payload, given = {}) => ({ kind: 'planned-job', job: self, payload, options: given }),
  }
  return self
}
