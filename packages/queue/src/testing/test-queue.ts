import { parseDuration, RuntimeService, type App, type Duration } from 'glueful'
import type { FrozenClock } from 'glueful/testing'
import type { Delivery, Settlement } from '../engine/engine.ts'
import type { NewJob } from '../engine/stored-job.ts'
import { fail } from '../errors.ts'
import { withDispatcher } from '../job/dispatcher.ts'
import type { AnyJob, Job } from '../job/job.ts'
import { decodePayload } from '../job/payload.ts'
import { QueueService } from '../queue/queue-parts.ts'
import { Attempt } from '../worker/attempt.ts'

/** What became of a job that a test let run. */
export interface TestRun {
  readonly id: string
  readonly job: string
  readonly payload: unknown
  readonly attempt: number
  readonly outcome: Settlement['kind']
  /** Of a failed attempt. */
  readonly error: string | undefined
}

export interface DispatchedJob<Payload = unknown> {
  readonly id: string
  readonly job: string
  readonly queue: string
  readonly payload: Payload
  /** From the dispatch to the earliest start, in ms. */
  readonly delay: number
}

/** The queue of an application under test: nothing runs until the test says so, and time is the test's own. */
export interface TestQueue {
  /** Everything that was dispatched and committed since the beginning, or of one job. */
  dispatched(): readonly DispatchedJob[]
  dispatched<Input>(job: Job<Input, unknown>): readonly DispatchedJob<Input>[]
  /** Runs the job that is next, if one is due. */
  runNext(): Promise<TestRun | undefined>
  /** Runs all that is due, and what that dispatches, until nothing is due. Retries and delayed jobs wait for `travel`. */
  runUntilEmpty(options?: { readonly limit?: number }): Promise<readonly TestRun[]>
  /** Moves the clock on and runs what becomes due on the way, schedules too, each at its time. */
  travel(time: Duration): Promise<readonly TestRun[]>
}

const worker = 'test'

/**
 * Takes over the queue of an application under test, as `testApp` gives it. Jobs are stored as in production, in the database of the test.
 *
 * @example
 * await using test = await testApp(app)
 * const queue = testQueue(test)
 * await test.client.cars.create({ body })
 * expect(queue).toHaveDispatched(IndexCar, { carId })
 * await queue.runUntilEmpty()
 */
export function testQueue({ app, clock }: { readonly app: Pick<App, 'use'>; readonly clock: FrozenClock }): TestQueue {
  const { engine, jobs, queue, tap, schedules, scheduler } = app.use(QueueService)
  const runtime = app.use(RuntimeService)
  const seen: NewJob[] = []
  tap((list) => void seen.push(...list))

  async function next(): Promise<Delivery | undefined> {
    await engine.promote()
    const names = (await engine.depths()).map((depth) => depth.queue)
    return names.length === 0 ? undefined : (await engine.claim({ worker, queues: names, limit: 1, suspects: 1 }))[0]
  }

  async function run(delivery: Delivery): Promise<TestRun> {
    const job: AnyJob | undefined = jobs.get(delivery.job)
    if (job === undefined) throw fail('JOB_UNKNOWN', { job: delivery.job, suggestion: undefined })
    const tools = { log: runtime.log, use: runtime.use, emit: runtime.emit, clock, engine, worker: () => worker, random: () => 0 }
    const settlement = await withDispatcher(queue, delivery.meta.requestId, () => new Attempt(job.compiled, delivery, tools).run())
    if (settlement !== undefined && !('recorded' in settlement)) await engine.settle([settlement])
    return {
      id: delivery.id,
      job: delivery.job,
      payload: decodePayload(delivery.payload),
      attempt: delivery.attempt,
      outcome: settlement?.kind ?? 'complete',
      error: settlement !== undefined && 'failure' in settlement ? settlement.failure.message : undefined,
    }
  }

  async function runNext(): Promise<TestRun | undefined> {
    const delivery = await next()
    return delivery === undefined ? undefined : run(delivery)
  }

  async function runUntilEmpty({ limit = 10_000 }: { readonly limit?: number } = {}): Promise<TestRun[]> {
    const runs: TestRun[] = []
    for (;;) {
      const one = await runNext()
      if (one === undefined) return runs
      runs.push(one)
      if (runs.length >= limit) throw fail('QUEUE_TEST_ENDLESS', { limit, job: one.job })
    }
  }

  return {
    dispatched: <Input>(job?: Job<Input, unknown>) =>
      seen
        .filter((one) => job === undefined || one.job === job.name)
        .map((one) => ({ id: one.id, job: one.job, queue: one.queue, payload: decodePayload(one.payload) as Input, delay: one.runAt - one.createdAt })),
    runNext,
    runUntilEmpty,
    travel: async (time) => {
      const until = clock.now() + parseDuration(time, 'The time of travel')
      const runs = await runUntilEmpty()
      for (;;) {
        const { nextAt: dueAt = Infinity } = await engine.promote()
        const nextAt = Math.min(dueAt, (schedules.length === 0 ? undefined : await scheduler().tick()) ?? Infinity)
        if (nextAt > until) break
        clock.advance(Math.max(0, nextAt - clock.now()))
        if (schedules.length > 0) await scheduler().tick()
        runs.push(...(await runUntilEmpty()))
      }
      clock.advance(until - clock.now())
      if (schedules.length > 0) await scheduler().tick()
      runs.push(...(await runUntilEmpty()))
      return runs
    },
  }
}
