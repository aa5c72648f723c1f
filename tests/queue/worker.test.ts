import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from '@glueful/database'
import { job, Queue } from '@glueful/queue'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApp, until } from './open-app.ts'

const dead = (open: Awaited<ReturnType<typeof openApp>>) =>
  open.db.all<{ job: string; error_name: string; error_message: string }>(sql`select job, error_name, error_message from glueful_dead_letters order by job`)

test('a worker runs what is dispatched, before and after it starts, as many at once as it may', async () => {
  let running = 0
  let most = 0
  let done = 0
  const Work = job('work', {}, async () => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => void setTimeout(resolve, 2))
    running--
    done++
  })
  await using open = await openApp({ jobs: [Work] })
  await Work.dispatchMany(Array.from({ length: 60 }, () => undefined))
  const worker = await open.startWorker({ concurrency: 4 })
  await until(() => done === 60)
  await Work.dispatchMany(Array.from({ length: 60 }, () => undefined))
  await until(() => done === 120)
  expect(most).toBe(4)
  await until(
    () => open.parts.queue.depths(),
    (depths) => depths.every(({ states }) => Object.keys(states).length === 0),
  )
  await worker.stop(1_000)
  expect(worker.stats).toEqual({ done: 120, failed: 0, running: 0 })
})

test('an idle worker takes a job up at once, also one that is dispatched in a transaction', async () => {
  const waits: number[] = []
  const Quick = job('quick', { payload: z.number() }, ({ payload }) => void waits.push(Date.now() - payload))
  await using open = await openApp({ jobs: [Quick] })
  const worker = await open.startWorker()
  for (let index = 0; index < 40; index++) {
    await open.db.transaction(() => Quick.dispatch(Date.now()))
    await until(() => waits.length === index + 1)
  }
  // Looking for jobs without having been told of them comes every two seconds.
  expect(waits.toSorted((a, b) => a - b)[20]).toBeLessThan(500)
  await worker.stop(1_000)
})

test('a job runs in no context of whoever dispatched it, woke its worker or ran before it', async () => {
  const place = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const Look = job('look', { transactional: true }, async ({ use }) => {
    await use(Queue).depths()
    seen.push(place.getStore())
  })
  await using open = await openApp({ jobs: [Look] })
  const worker = await open.startWorker({ concurrency: 1 })
  for (let index = 0; index < 5; index++) {
    await place.run(`request ${index}`, () => open.db.transaction(() => Look.dispatch()))
    await until(() => worker.stats.done === index + 1)
  }
  expect(seen).toEqual(Array.from({ length: 5 }, () => undefined))
})

test('a job that takes too long has its signal aborted, and the time-out is recorded as its failure', async () => {
  const aborted: unknown[] = []
  const Obedient = job('obedient', { timeout: 30, tries: 1 }, ({ signal }) => {
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        aborted.push(signal.reason)
        reject(new Error('gave up'))
      }),
    )
  })
  const Deaf = job('deaf', { timeout: 30, tries: 1 }, () => new Promise(() => {}))
  await using open = await openApp({ jobs: [Obedient, Deaf] })
  const worker = await open.startWorker({ concurrency: 1 })
  await Obedient.dispatch()
  await Deaf.dispatch()
  const letters = await until(
    () => dead(open),
    (list) => list.length === 2,
  )
  expect(letters.map(({ job }) => job)).toEqual(['deaf', 'obedient'])
  for (const { error_message } of letters) expect(error_message).toContain('JOB_TIMED_OUT')
  expect(aborted).toMatchObject([{ code: 'JOB_TIMED_OUT' }])
  await worker.stop(1_000)
})

test('a stopping worker lets its jobs finish and hands the rest back', async () => {
  const gate = Promise.withResolvers<void>()
  let started = 0
  const Slow = job('slow', {}, async () => {
    started++
    await gate.promise
  })
  await using open = await openApp({ jobs: [Slow] })
  await Slow.dispatchMany([undefined, undefined, undefined])
  const worker = await open.startWorker({ concurrency: 1 })
  await until(() => started === 1)
  const stopped = worker.stop(4_000)
  gate.resolve()
  await stopped
  expect(started).toBe(1)
  expect((await open.parts.queue.list()).map(({ state, attempts }) => [state, attempts])).toEqual([
    ['waiting', 0],
    ['waiting', 0],
  ])
  expect(await open.parts.queue.workers()).toEqual([])
})

test('a job that is not done by the deadline of the stop is told and handed back, without losing an attempt', async () => {
  const reasons: unknown[] = []
  const Endless = job('endless', {}, ({ signal }) => {
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(signal.reason)
      }),
    )
  })
  await using open = await openApp({ jobs: [Endless] })
  const { id } = await Endless.dispatch()
  const worker = await open.startWorker()
  await until(() => worker.stats.running === 1)
  await worker.stop(20)
  expect(reasons).toMatchObject([{ code: 'JOB_WORKER_STOPPING' }])
  expect(await open.parts.queue.find(id)).toMatchObject({ state: 'waiting', attempts: 0 })
})

test('a running job that is cancelled is told, and not tried again', async () => {
  const reasons: unknown[] = []
  const Endless = job('endless', {}, ({ signal }) => {
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(signal.reason)
      }),
    )
  })
  await using open = await openApp({ jobs: [Endless] }, { QUEUE_LEASE: '1s' })
  const { id } = await Endless.dispatch()
  const worker = await open.startWorker()
  await until(() => worker.stats.running === 1)
  expect(await open.app.use(Queue).cancel(id)).toBe(true)
  await until(
    () => open.parts.queue.find(id),
    (found) => found === undefined,
  )
  expect(reasons).toMatchObject([{ code: 'JOB_CANCELLED' }])
  expect(await dead(open)).toEqual([])
  expect(worker.stats).toMatchObject({ running: 0 })
  await worker.stop(1_000)
})

test('a worker that was given up stops what it does, and begins anew under another name', async () => {
  const reasons: unknown[] = []
  let runs = 0
  const Work = job('work', {}, ({ signal }) => {
    if (++runs > 1) return undefined
    return new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(signal.reason)
      }),
    )
  })
  await using open = await openApp({ jobs: [Work] }, { QUEUE_LEASE: '1s' })
  const { id } = await Work.dispatch()
  const worker = await open.startWorker()
  await until(() => worker.stats.running === 1)
  const before = worker.id
  await open.db.run(sql`update glueful_queue_workers set lease_until = ${Date.now() - 1}`)
  await open.parts.engine.maintain()
  await until(
    () => open.parts.queue.find(id),
    (found) => found === undefined,
  )
  await until(() => reasons.length === 1)
  expect(runs).toBe(2)
  expect(reasons).toMatchObject([{ code: 'JOB_LEASE_LOST' }])
  expect(worker.id).not.toBe(before)
  expect(await open.parts.queue.workers()).toMatchObject([{ id: before, state: 'crashed' }, { id: worker.id }])
  await worker.stop(1_000)
})

test('a job of another release is tried again, for a worker that knows it', async () => {
  const Known = job('known', {}, () => {})
  const Renamed = job('renamed', {}, () => {})
  await using open = await openApp({ jobs: [Known, Renamed] })
  await Renamed.dispatch()
  await open.db.run(sql`update glueful_jobs set job = 'of-tomorrow'`)
  const worker = await open.startWorker()
  const [found] = await until(
    () => open.parts.queue.list(),
    (list) => list[0]?.failures.length === 1,
  )
  expect(found).toMatchObject({ state: 'delayed', failures: [{ code: 'JOB_UNKNOWN' }] })
  await worker.stop(1_000)
})

test('a worker ends by itself after the jobs it may do', async () => {
  const Work = job('work', {}, async () => {})
  await using open = await openApp({ jobs: [Work] })
  await Work.dispatchMany(Array.from({ length: 30 }, () => undefined))
  const worker = await open.startWorker({ concurrency: 1, maxJobs: 5 })
  expect(await worker.ended).toBe('jobs')
  await worker.stop(1_000)
  expect(worker.stats.done).toBeGreaterThanOrEqual(5)
  expect((await open.parts.queue.depths())[0]?.states.waiting).toBe(30 - worker.stats.done)
})

test('a worker ends by itself when the process holds more memory than it may', async () => {
  await using open = await openApp({ jobs: [] })
  const worker = await open.startWorker({ maxMemory: 1 })
  expect(await worker.ended).toBe('memory')
  await worker.stop(1_000)
})

test('retryIf and backoff that fail themselves do not lose the job', async () => {
  const broken = () => {
    throw new Error('broken')
  }
  const Unlucky = job('unlucky', { tries: 2, retryIf: broken, backoff: broken }, () => {
    throw new Error('first')
  })
  await using open = await openApp({ jobs: [Unlucky] })
  await Unlucky.dispatch()
  const worker = await open.startWorker()
  const [found] = await until(
    () => open.parts.queue.list(),
    (list) => list[0]?.failures.length === 1,
  )
  expect(found).toMatchObject({ state: 'delayed', failures: [{ message: 'first' }] })
  expect(
    open
      .logs()
      .filter(({ level }) => level === 50)
      .map(({ msg }) => msg),
  ).toEqual(['retryIf failed; the job is tried again', 'backoff failed; the job waits for a minute'])
  await worker.stop(1_000)
})

test('a worker that stops says so, until what it runs is done', async () => {
  const gate = Promise.withResolvers<void>()
  const Slow = job('slow', {}, () => gate.promise)
  await using open = await openApp({ jobs: [Slow] }, { QUEUE_LEASE: '1s' })
  await Slow.dispatch()
  const worker = await open.startWorker()
  await until(() => worker.stats.running === 1)
  const stopped = worker.stop(10_000)
  await until(
    () => open.parts.queue.workers(),
    ([record]) => record?.state === 'stopping',
  )
  gate.resolve()
  await stopped
  expect(await open.parts.queue.workers()).toEqual([])
})

test('a server with an embedded worker runs jobs once it serves, and stops it with the server', async () => {
  let done = 0
  const Work = job('work', {}, () => void done++)
  await using open = await openApp({ jobs: [Work], worker: true })
  await Work.dispatch()
  expect(await open.parts.queue.workers()).toEqual([])
  await open.app.listen({ port: 0 })
  await until(() => done === 1)
  expect(await open.parts.queue.workers()).toHaveLength(1)
})
