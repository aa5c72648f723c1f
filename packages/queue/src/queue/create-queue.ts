import { parseDuration, suggest, type Clock } from 'glueful'
import type { DeadLetters } from '../dead-letters/dead-letter.ts'
import type { Engine } from '../engine/engine.ts'
import type { Explanation } from '../explain/diagnose.ts'
import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import type { Dispatched } from '../job/dispatcher.ts'
import type { BatchOptions } from '../job/batch.ts'
import { createJobId } from '../job/job-id.ts'
import type { AnyJob, PlannedJob } from '../job/job.ts'
import type { DispatchOptions } from '../job/job-options.ts'
import type { QueueMetrics } from '../metrics/job-metrics.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import { prepareJob } from '../job/prepare-job.ts'
import { declaredQueues, withDeclaredQueues } from './declared-depths.ts'
import type { JobTracing } from '../tracing/job-tracing.ts'
import { currentOrigin, type Origin } from '../tracing/origin.ts'
import type { Queue } from './queue.ts'

export interface QueueParts {
  readonly engine: Engine
  readonly jobs: ReadonlyMap<string, AnyJob>
  readonly clock: Clock
  /** In bytes. */
  readonly payloadLimit: number
  /** Undefined where nobody traces. */
  readonly tracing: JobTracing | undefined
  readonly deadLetters: () => DeadLetters
  readonly schedule: () => Scheduler
  readonly metrics: () => QueueMetrics
  readonly explain: (queue: string, targetSeconds: number) => Promise<Explanation>
  /** Runs a job here and now. */
  readonly runNow: (job: AnyJob, payload: NewJob) => Promise<unknown>
}

export function createQueue({ engine, jobs, clock, payloadLimit, tracing, deadLetters, schedule, metrics, explain, runNow }: QueueParts): Queue {
  const queues = declaredQueues(jobs)
  const prepare = (job: AnyJob, payload: unknown, options: DispatchOptions, origin: Origin, now = clock.now()) => {
    if (jobs.get(job.name) !== job) throw unknownJob(job.name, jobs)
    return prepareJob(job.compiled, payload, options, { now, payloadLimit, origin })
  }
  const sent = <T>(queueName: string, count: number, work: () => Promise<T>): Promise<T> =>
    tracing === undefined ? work() : tracing.send(queueName, count, work)
  const dispatchMany = (job: AnyJob, payloads: readonly unknown[], options: DispatchOptions = {}): Promise<readonly Dispatched[]> =>
    sent(options.queue ?? job.compiled.queue, payloads.length, async () => {
      const origin = currentOrigin()
      const now = clock.now()
      const prepared: NewJob[] = []
      for (const payload of payloads) {
        const one = prepare(job, payload, options, origin, now)
        prepared.push(one instanceof Promise ? await one : one)
      }
      return prepared.length === 0 ? [] : engine.enqueue(prepared)
    })
  const plan = ({ job, payload, options }: PlannedJob) => prepare(job, payload, options, currentOrigin())
  const queueOf = ([first]: readonly PlannedJob[]) => first?.options.queue ?? first?.job.compiled.queue ?? 'default'
  const dispatchChain = (list: readonly PlannedJob[]): Promise<Dispatched> =>
    sent(queueOf(list), 1, async () => {
      const [first, ...rest] = await Promise.all(list.map(plan))
      const head = first as NewJob
      const job = rest.length === 0 ? head : { ...head, meta: { ...head.meta, chain: rest } }
      return (await engine.enqueue([job]))[0] as Dispatched
    })
  const dispatchBatch = (list: readonly PlannedJob[], options: BatchOptions): Promise<{ readonly id: string }> =>
    sent(queueOf(list), list.length, async () => {
      const now = clock.now()
      const prepared = await Promise.all(list.map(plan))
      const callbacks: Record<string, NewJob> = {}
      for (const name of ['then', 'catch', 'finally'] as const) {
        const planned = options[name]
        if (planned !== undefined) callbacks[name] = await plan(planned)
      }
      const id = createJobId(now)
      await engine.enqueueBatch({ id, name: options.name, allowFailures: options.allowFailures ?? false, callbacks, createdAt: now }, prepared)
      return { id }
    })
  return {
    jobs,
    get deadLetters() {
      return deadLetters()
    },
    explain: async (name, { target = '5m' } = {}) => explain(name, Math.max(1, parseDuration(target, 'The target of explain') / 1_000)),
    get metrics() {
      return metrics()
    },
    get schedule() {
      return schedule()
    },
    dispatchMany,
    dispatchChain,
    dispatchBatch,
    batch: (id) => engine.findBatch(id),
    dispatch: async (job, payload, options) => (await dispatchMany(job as unknown as AnyJob, [payload], options))[0] as Dispatched,
    runNow: async (job, payload) => runNow(job, await prepare(job, payload, {}, currentOrigin())),
    find: (id) => engine.find(id),
    list: (filter = {}) => engine.list(filter),
    depths: async () => {
      const [depths, limits] = await Promise.all([engine.depths(), engine.limits()])
      return withDeclaredQueues(depths, queues, limits)
    },
    workers: () => engine.workers(),
    pause: (queue) => engine.pause(queue),
    resume: (queue) => engine.resume(queue),
    cancel: (id) => engine.cancel(id),
  }
}

export function unknownJob(name: string, jobs: ReadonlyMap<string, unknown>) {
  return fail('JOB_UNKNOWN', { job: name, suggestion: suggest(name, [...jobs.keys()]) })
}
