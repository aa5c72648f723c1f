import { createJobId } from '../../packages/queue/src/job/job-id.ts'
import type { Delivery, Engine, WorkerRecord } from '../../packages/queue/src/engine/engine.ts'
import type { Failure, NewJob } from '../../packages/queue/src/engine/stored-job.ts'
import { describe, expect, test } from 'vitest'
import { until } from './until.ts'

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

const leaseMs = 1_000

/** What every engine keeps to; each test has an engine of its own. */
export function describeEngine(name: string, open: () => Promise<OpenEngine>, options: { readonly skip?: string | undefined } = {}): void {
  describe.skipIf(options.skip !== undefined)(options.skip === undefined ? name : `${name} (${options.skip})`, () => {
    const newJob = (now: number, more: Partial<NewJob> = {}): NewJob => ({
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
    const workerRecord = (id: string, now: number): WorkerRecord => ({
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
    const claim = (engine: Engine, worker = 'a', limit = 100, queues = ['default']) => engine.claim({ worker, queues, limit, suspects: 100 })
    const ids = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id)
    const failure = (delivery: Delivery, at: number): Failure => ({ at, attempt: delivery.attempt, worker: 'a', kind: 'error', name: 'Error', message: 'no' })
    async function openWith(...workers: string[]) {
      const opened = await open()
      for (const worker of workers) await opened.engine.pulse(workerRecord(worker, opened.now()), leaseMs, true)
      return opened
    }

    test('a job is given to one claimant, with what was stored, and is gone once it is done', async () => {
      await using opened = await openWith('a', 'b')
      const { engine, now } = opened
      const meta = { tags: ['x'], trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', traceState: 'a=b', requestId: 'request-1' }
      const job = newJob(now(), { payload: '{"text":"ä\\"\\u0000"}', meta })
      expect(await engine.enqueue([job])).toEqual([{ id: job.id, outcome: 'queued' }])
      const [delivery] = await claim(engine)
      expect(delivery).toMatchObject({ id: job.id, job: 'work', queue: 'default', payload: job.payload, attempt: 1, tries: 3, meta })
      expect(await claim(engine, 'b')).toEqual([])
      expect(await engine.find(job.id)).toMatchObject({ state: 'active', attempts: 1, worker: 'a' })
      expect((await engine.settle([{ kind: 'complete', delivery: delivery as Delivery }])).refused).toEqual([])
      expect(await engine.find(job.id)).toBeUndefined()
      expect(await engine.depths()).toEqual([])
    })

    test('the most urgent come first, and those alike in the order of their dispatch', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const list = [0, 0, 5, -5, 5].map((priority) => newJob(now(), { priority }))
      await engine.enqueue(list)
      const expected = [2, 4, 0, 1, 3].map((index) => (list[index] as NewJob).id)
      const order = [...ids(await claim(engine, 'a', 2)), ...ids(await claim(engine, 'a', 1)), ...ids(await claim(engine))]
      expect(order).toEqual(expected)
    })

    test('queues are asked in the order of the request', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const [low, high] = [newJob(now(), { queue: 'low' }), newJob(now(), { queue: 'high' })]
      await engine.enqueue([low, high])
      expect(ids(await claim(engine, 'a', 1, ['high', 'low']))).toEqual([high.id])
      expect(ids(await claim(engine, 'a', 5, ['high', 'low']))).toEqual([low.id])
    })

    test('a delayed job is not given out before its time', async () => {
      await using opened = await openWith('a')
      const { engine, now, pass } = opened
      const job = newJob(now(), { runAt: now() + 400 })
      await engine.enqueue([job])
      await engine.promote()
      expect(await claim(engine)).toEqual([])
      expect((await engine.depths())[0]?.states.delayed).toBe(1)
      await pass(450)
      await engine.promote()
      expect(ids(await claim(engine))).toEqual([job.id])
    })

    test('many claim at once: no job is given out twice, and none is left', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const list = Array.from({ length: 300 }, () => newJob(now()))
      await engine.enqueue(list)
      const seen: string[] = []
      const work = async () => {
        for (;;) {
          const deliveries = await claim(engine, 'a', 7)
          if (deliveries.length === 0) return
          seen.push(...ids(deliveries))
          await engine.settle(deliveries.map((delivery) => ({ kind: 'complete' as const, delivery })))
        }
      }
      await Promise.all(Array.from({ length: 8 }, work))
      expect(seen.toSorted()).toEqual(list.map(({ id }) => id).toSorted())
      expect(await engine.depths()).toEqual([])
    })

    test('what is settled and what is claimed next happen in one turn', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      await engine.enqueue([newJob(now()), newJob(now())])
      const first = await claim(engine, 'a', 1)
      const { refused, deliveries } = await engine.settle([{ kind: 'complete', delivery: first[0] as Delivery }], {
        worker: 'a',
        queues: ['default'],
        limit: 5,
        suspects: 0,
      })
      expect(refused).toEqual([])
      expect(deliveries).toHaveLength(1)
      expect(deliveries[0]?.id).not.toBe(first[0]?.id)
    })

    test('a failed attempt comes back after its wait, with its history; the last one ends in the dead letters', async () => {
      await using opened = await openWith('a')
      const { engine, now, pass } = opened
      const job = newJob(now(), { tries: 2 })
      await engine.enqueue([job])
      const [first] = await claim(engine)
      await engine.settle([{ kind: 'retry', delivery: first as Delivery, runAt: now() + 300, failure: failure(first as Delivery, now()) }])
      expect(await claim(engine)).toEqual([])
      await pass(350)
      await engine.promote()
      const [second] = await claim(engine)
      expect(second).toMatchObject({ id: job.id, attempt: 2, failures: [{ attempt: 1, message: 'no' }] })
      await engine.settle([{ kind: 'bury', delivery: second as Delivery, failure: failure(second as Delivery, now()) }])
      expect(await engine.find(job.id)).toBeUndefined()
      expect(await opened.dead()).toMatchObject([{ id: job.id, failures: [{ attempt: 1 }, { attempt: 2 }] }])
    })

    test('a job that is handed back does not lose an attempt', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      await engine.enqueue([newJob(now())])
      const [first] = await claim(engine)
      await engine.settle([{ kind: 'release', delivery: first as Delivery, runAt: now() }])
      expect(await claim(engine)).toMatchObject([{ id: first?.id, attempt: 1 }])
    })

    test('jobs of a lost worker go to another, the crash counts as an attempt, and the lost one is refused from then on', async () => {
      await using opened = await openWith('lost')
      const { engine, now, pass } = opened
      const job = newJob(now())
      await engine.enqueue([job])
      const [stale] = await claim(engine, 'lost')
      await pass(leaseMs + 200)
      await engine.pulse(workerRecord('b', now()), leaseMs, true)
      await engine.maintain()
      const [taken] = await claim(engine, 'b')
      expect(taken).toMatchObject({ id: job.id, attempt: 2, crashes: 1, failures: [{ kind: 'crash', attempt: 1 }] })
      expect((await engine.settle([{ kind: 'complete', delivery: stale as Delivery }])).refused).toEqual([job.id])
      expect(await engine.find(job.id)).toMatchObject({ state: 'active', worker: 'b' })
      expect((await engine.settle([{ kind: 'complete', delivery: taken as Delivery }])).refused).toEqual([])
      expect(await engine.find(job.id)).toBeUndefined()
    })

    test('what was claimed for a worker that never heard of it is handed back, and what it heard of is left alone', async () => {
      await using opened = await openWith('a')
      const { engine, now, pass } = opened
      await engine.enqueue([newJob(now()), newJob(now())])
      const [known] = await claim(engine, 'a', 1)
      const [lost] = await claim(engine, 'a', 1)
      await engine.reconcile('a', new Set([known?.id as string]))
      const again = await until(async () => {
        await engine.pulse(workerRecord('a', now()), leaseMs, false)
        await pass(0)
        return (await claim(engine))[0]
      })
      expect(again.id).toBe(lost?.id)
      expect(again.claim).not.toBe(lost?.claim)
      expect((await engine.settle([{ kind: 'complete', delivery: lost as Delivery }])).refused).toEqual([lost?.id])
      const rest = [known as Delivery, again].map((delivery) => ({ kind: 'complete' as const, delivery }))
      expect((await engine.settle(rest)).refused).toEqual([])
      expect(await engine.depths()).toEqual([])
    })

    test('a job that kills every worker ends in the dead letters with its whole history', async () => {
      await using opened = await openWith()
      const { engine, now, pass } = opened
      const job = newJob(now(), { tries: 2 })
      await engine.enqueue([job])
      for (const worker of ['w1', 'w2']) {
        await engine.pulse(workerRecord(worker, now()), leaseMs, true)
        expect(ids(await claim(engine, worker))).toEqual([job.id])
        await pass(leaseMs + 200)
        await engine.maintain()
      }
      expect(await opened.dead()).toMatchObject([
        {
          id: job.id,
          failures: [
            { kind: 'crash', attempt: 1 },
            { kind: 'crash', attempt: 2 },
          ],
        },
      ])
    })

    test('a dispatch in a transaction commits with it, or was never made', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const [kept, lost] = [newJob(now()), newJob(now())]
      await opened.transaction(() => engine.enqueue([kept]))
      await expect(
        opened.transaction(async () => {
          await engine.enqueue([lost])
          throw new RangeError('no')
        }),
      ).rejects.toThrow('no')
      await engine.promote()
      expect(ids(await claim(engine))).toEqual([kept.id])
    })

    test('a key is taken until the job has ended: the other dispatch is answered with the job that is there, or refused', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const unique = { key: 'k', until: undefined, onConflict: 'existing' as const }
      const first = newJob(now(), { unique })
      await engine.enqueue([first])
      expect(await engine.enqueue([newJob(now(), { unique })])).toEqual([{ id: first.id, outcome: 'existing' }])
      const rejected = engine.enqueue([newJob(now(), { unique: { ...unique, onConflict: 'reject' } })])
      await expect(rejected).rejects.toMatchObject({ code: 'JOB_DUPLICATE' })
      const [delivery] = await claim(engine)
      expect(await engine.enqueue([newJob(now(), { unique })])).toEqual([{ id: first.id, outcome: 'existing' }])
      await engine.settle([{ kind: 'complete', delivery: delivery as Delivery }])
      const next = newJob(now(), { unique })
      expect(await engine.enqueue([next])).toEqual([{ id: next.id, outcome: 'queued' }])
    })

    test('a waiting job with the same key is replaced; a running one goes on and the new one waits behind it', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const unique = { key: 'k', until: undefined, onConflict: 'replace' as const }
      const first = newJob(now(), { unique, payload: '1' })
      await engine.enqueue([first])
      expect(await engine.enqueue([newJob(now(), { unique, payload: '2' })])).toMatchObject([{ outcome: 'replaced' }])
      const [running] = await claim(engine)
      expect(running?.payload).toBe('2')
      expect(await engine.enqueue([newJob(now(), { unique, payload: '3' })])).toMatchObject([{ outcome: 'queued' }])
      await engine.settle([{ kind: 'complete', delivery: running as Delivery }])
      expect(await claim(engine)).toMatchObject([{ payload: '3' }])
    })

    test('a key with a window stays taken after the job is done, until the window ends', async () => {
      await using opened = await openWith('a')
      const { engine, now, pass } = opened
      const unique = () => ({ key: 'k', until: now() + 1_000, onConflict: 'existing' as const })
      const first = newJob(now(), { unique: unique() })
      await engine.enqueue([first])
      const [delivery] = await claim(engine)
      await engine.settle([{ kind: 'complete', delivery: delivery as Delivery }])
      expect(await engine.enqueue([newJob(now(), { unique: unique() })])).toEqual([{ id: first.id, outcome: 'existing' }])
      await pass(1_100)
      expect(await engine.enqueue([newJob(now(), { unique: unique() })])).toMatchObject([{ outcome: 'queued' }])
    })

    test('a key runs no more jobs at once than its limit, and keys take turns', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const group = (key: string) => ({ group: { key, concurrency: 2, rate: undefined } })
      await engine.enqueue([...Array.from({ length: 6 }, () => newJob(now(), group('big'))), newJob(now(), group('small'))])
      const first = await claim(engine, 'a', 3)
      const keys = first.map(({ groupKey }) => groupKey)
      expect(keys.filter((key) => key === 'big').length).toBeLessThanOrEqual(2)
      expect(keys).toContain('small')
      await claim(engine, 'a', 10)
      expect((await engine.list({ state: 'active' })).length).toBeLessThanOrEqual(3)
      expect(await claim(engine)).toEqual([])
      const big = first.find(({ groupKey }) => groupKey === 'big') as Delivery
      await engine.settle([{ kind: 'complete', delivery: big }])
      expect(await claim(engine)).toHaveLength(1)
    })

    test('no more start within a time than the rate allows', async () => {
      await using opened = await openWith('a')
      const { engine, now, pass } = opened
      const group = { key: 'slow', concurrency: undefined, rate: { limit: 2, perMs: 600 } }
      await engine.enqueue(Array.from({ length: 5 }, () => newJob(now(), { group })))
      expect((await claim(engine)).length).toBe(2)
      expect(await claim(engine)).toEqual([])
      await pass(700)
      await engine.promote()
      expect((await claim(engine)).length).toBe(2)
    })

    test('a paused queue gives nothing out until it is resumed', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      await engine.pause('default')
      await engine.enqueue([newJob(now()), newJob(now(), { queue: 'other' })])
      expect(await claim(engine, 'a', 10, ['default'])).toEqual([])
      expect(await claim(engine, 'a', 10, ['other'])).toHaveLength(1)
      expect((await engine.depths()).find(({ queue }) => queue === 'default')).toMatchObject({ paused: true })
      await engine.resume('default')
      expect(await claim(engine)).toHaveLength(1)
    })

    test('a waiting job that is cancelled is gone; a running one is told through its worker', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const [waiting, running] = [newJob(now(), { priority: -1 }), newJob(now())]
      await engine.enqueue([waiting, running])
      const [delivery] = await claim(engine, 'a', 1)
      expect(await engine.cancel(waiting.id)).toBe(true)
      expect(await engine.cancel(running.id)).toBe(true)
      expect(await engine.cancel(createJobId(now()))).toBe(false)
      expect(await engine.find(waiting.id)).toBeUndefined()
      expect((await engine.pulse(workerRecord('a', now()), leaseMs, false)).cancelled).toEqual([running.id])
      await engine.settle([{ kind: 'cancel', delivery: delivery as Delivery }])
      expect(await engine.find(running.id)).toBeUndefined()
      expect(await claim(engine)).toEqual([])
    })

    test('a result stays for its time and is pruned after it; progress is seen while the job runs', async () => {
      await using opened = await openWith('a')
      const { engine, now, pass } = opened
      const job = newJob(now(), { keepMs: 500 })
      await engine.enqueue([job])
      const [delivery] = await claim(engine)
      await engine.reportProgress(delivery as Delivery, '{"percent":40}')
      expect((await engine.find(job.id))?.progress).toEqual({ percent: 40 })
      await engine.settle([{ kind: 'complete', delivery: delivery as Delivery, result: '{"rows":3}' }])
      expect(await engine.find(job.id)).toMatchObject({ state: 'done', result: { rows: 3 } })
      await pass(600)
      await engine.maintain()
      expect(await engine.find(job.id)).toBeUndefined()
    })

    test('what follows a job is dispatched when it is done', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      await engine.enqueue([newJob(now())])
      const [delivery] = await claim(engine)
      const next = newJob(now(), { job: 'next' })
      await engine.settle([{ kind: 'complete', delivery: delivery as Delivery, follow: [next] }])
      await engine.promote()
      expect(await claim(engine)).toMatchObject([{ id: next.id, job: 'next' }])
    })

    test('a job waits for all those that it comes after', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const parents = [newJob(now()), newJob(now())]
      await engine.enqueue(parents)
      const child = newJob(now(), { after: parents.map(({ id }) => id) })
      await engine.enqueue([child])
      const deliveries = await claim(engine)
      expect(ids(deliveries).toSorted()).toEqual(parents.map(({ id }) => id).toSorted())
      await engine.settle([{ kind: 'complete', delivery: deliveries[0] as Delivery }])
      expect(await claim(engine)).toEqual([])
      await engine.settle([{ kind: 'complete', delivery: deliveries[1] as Delivery }])
      await engine.promote()
      expect(ids(await claim(engine))).toEqual([child.id])
    })

    test('a batch counts what has ended, and dispatches what it was given for its end', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const jobs = [newJob(now()), newJob(now()), newJob(now())]
      const last = newJob(now(), { job: 'last' })
      const id = createJobId(now())
      await engine.enqueueBatch({ id, name: 'b', allowFailures: true, callbacks: { finally: last }, createdAt: now() }, jobs)
      const deliveries = await claim(engine)
      await engine.settle([
        { kind: 'complete', delivery: deliveries[0] as Delivery },
        { kind: 'bury', delivery: deliveries[1] as Delivery, failure: failure(deliveries[1] as Delivery, now()) },
      ])
      expect(await engine.findBatch(id)).toMatchObject({ total: 3, done: 1, failed: 1, state: 'open' })
      await engine.settle([{ kind: 'complete', delivery: deliveries[2] as Delivery }])
      expect(await engine.findBatch(id)).toMatchObject({ done: 2, failed: 1, state: 'failed' })
      await engine.promote()
      expect(await claim(engine)).toMatchObject([{ id: last.id, job: 'last' }])
    })

    test('work in the transaction of its settlement is kept once, and undone where the job belongs to another by then', async () => {
      await using opened = await openWith('lost')
      const { engine, now, pass } = opened
      await engine.enqueue([newJob(now())])
      const [stale] = await claim(engine, 'lost')
      await pass(leaseMs + 200)
      await engine.pulse(workerRecord('b', now()), leaseMs, true)
      await engine.maintain()
      const [taken] = await claim(engine, 'b')
      const effects = [newJob(now(), { queue: 'effects' }), newJob(now(), { queue: 'effects' })] as const
      const settle = (delivery: Delivery, effect: NewJob) =>
        engine.settleWithin(delivery, async () => {
          await engine.enqueue([effect])
          return { kind: 'complete', delivery }
        })
      await expect(settle(stale as Delivery, effects[0])).rejects.toMatchObject({ code: 'JOB_LEASE_LOST' })
      await settle(taken as Delivery, effects[1])
      await engine.promote()
      expect(ids(await claim(engine, 'b', 10, ['effects', 'default']))).toEqual([effects[1].id])
    })

    test('a worker is told of work that is committed, and is listed with what it says of itself', async () => {
      await using opened = await openWith('a')
      const { engine, now } = opened
      const told = Promise.withResolvers<string>()
      const stop = engine.onWork(told.resolve)
      await opened.transaction(() => engine.enqueue([newJob(now(), { queue: 'mail' })]))
      expect(await told.promise).toBe('mail')
      stop()
      await engine.pulse({ ...workerRecord('a', now()), state: 'busy', running: 3, done: 7 }, leaseMs, false)
      expect(await engine.workers()).toMatchObject([{ id: 'a', state: 'busy', running: 3, done: 7 }])
      await engine.leave('a')
      expect(await engine.workers()).toEqual([])
    })
  })
}
