import { job, Queue } from '@glueful/queue'
import { MetricsService } from 'glueful'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApp, until } from './open-app.ts'
import { openQueue } from './open-queue.ts'

const everything = () => ({ from: Date.now() - 600_000, to: Date.now() + 1_000 })

test.for([false, true])('push seven, run three, fail one (transactional: %s): the read API, the registry and the queue say the same', async (transactional) => {
  const Work = job('work', { payload: z.object({ n: z.number() }), tries: 1, transactional }, async ({ payload }) => {
    if (payload.n === 3) throw new Error('the fourth')
    await new Promise((resolve) => void setTimeout(resolve, 20))
  })
  await using open = await openApp({ jobs: [Work] })
  await Work.dispatchMany(Array.from({ length: 7 }, (_, n) => ({ n })))
  const worker = await open.startWorker({ concurrency: 1, maxJobs: 4 })
  await worker.ended
  await worker.stop(2_000)
  const ended = worker.stats.done + worker.stats.failed
  await open.parts.recorder?.flush()
  const queue = open.app.use(Queue)
  const [numbers, ...others] = await queue.metrics.summary(everything())
  expect(others).toEqual([])
  expect(numbers).toMatchObject({
    job: 'work',
    queue: 'default',
    connection: 'database',
    attempts: { completed: ended - 1, failed: 1, retried: 0 },
    failureRatio: 1 / ended,
  })
  expect(numbers?.runSeconds?.count).toBe(ended)
  expect(numbers?.runSeconds?.p50).toBeGreaterThan(0.015)
  expect(numbers?.waitSeconds?.count).toBe(ended)
  const depth = (await queue.depths())[0]?.states.waiting ?? 0
  expect(depth).toBe(7 - ended)
  const registry = open.app.use(MetricsService).snapshot()
  const value = (name: string, ...labels: string[]) =>
    registry.find((family) => family.name === name)?.series.find(({ values }) => values.join() === labels.join())?.numbers[0]
  expect(value('glueful_queue_attempts_total', 'work', 'default', 'completed')).toBe(ended - 1)
  expect(value('glueful_queue_attempts_total', 'work', 'default', 'failed')).toBe(1)
  expect(value('glueful_queue_depth', 'default', 'waiting')).toBe(depth)
  expect((await queue.metrics.depths(everything())).at(-1)).toMatchObject({ queue: 'default', waiting: depth })
})

test('a job that sleeps uses no core, one that allocates grows the process, one that computes uses a core', async () => {
  const kept: Uint8Array[] = []
  const Sleep = job('sleep', {}, () => new Promise<void>((resolve) => void setTimeout(resolve, 150)))
  const Allocate = job('allocate', {}, async () => {
    kept.push(Buffer.alloc(50 * 1024 * 1024, 1))
    await new Promise((resolve) => void setTimeout(resolve, 5))
  })
  const Compute = job('compute', {}, async () => {
    // Time on the core, which others may want as well.
    const begun = process.threadCpuUsage()
    while (process.threadCpuUsage(begun).user < 100_000);
    await Promise.resolve()
  })
  await using open = await openApp({ jobs: [Sleep, Allocate, Compute] })
  for (const one of [Sleep, Allocate, Compute]) {
    await one.dispatch()
    const worker = await open.startWorker({ concurrency: 1 })
    await until(() => worker.stats.done === 1)
    await worker.stop(1_000)
  }
  await open.parts.recorder?.flush()
  const of = Object.fromEntries((await open.app.use(Queue).metrics.summary(everything())).map((numbers) => [numbers.job, numbers]))
  expect(of['sleep']?.runSeconds?.p50).toBeGreaterThan(0.14)
  expect(of['sleep']?.cpuSeconds?.p50).toBeLessThan(0.1)
  expect(of['compute']?.cpuSeconds?.p50).toBeGreaterThan(0.09)
  const grown = of['allocate']?.memoryGrowthBytes?.p50 ?? 0
  expect(grown).toBeGreaterThan(45 * 1024 * 1024)
  expect(grown).toBeLessThan(80 * 1024 * 1024)
  expect(kept).toHaveLength(1)
})

test('one class in two queues is two rows, and names may hold what keys are made of', async () => {
  const Work = job('a.b/c-d', {}, () => {})
  await using open = await openApp({ jobs: [Work] })
  await Work.dispatch()
  await Work.dispatch(undefined, { queue: 'other/queue' })
  const worker = await open.startWorker({ queues: [{ queue: 'default' }, { queue: 'other/queue' }] })
  await until(() => worker.stats.done === 2)
  await worker.stop(1_000)
  await open.parts.recorder?.flush()
  const rows = await open.app.use(Queue).metrics.summary(everything())
  expect(rows.map(({ queue, job, attempts }) => [queue, job, attempts.completed])).toEqual([
    ['default', 'a.b/c-d', 1],
    ['other/queue', 'a.b/c-d', 1],
  ])
})

test('jobs go on while the numbers cannot be written, and the numbers come later', async () => {
  const Work = job('work', {}, () => {})
  await using open = await openApp({ jobs: [Work] })
  await open.db.script('alter table glueful_queue_numbers rename to away')
  await Work.dispatch()
  const worker = await open.startWorker()
  await until(() => worker.stats.done === 1)
  await expect(open.parts.recorder?.flush()).rejects.toThrow()
  await open.db.script('alter table away rename to glueful_queue_numbers')
  await open.parts.recorder?.flush()
  expect(await open.app.use(Queue).metrics.summary(everything())).toMatchObject([{ attempts: { completed: 1 } }])
  await worker.stop(1_000)
})

test('with QUEUE_METRICS=false nothing is recorded', async () => {
  await using open = await openQueue({ jobs: [] }, { env: { QUEUE_METRICS: 'false' } })
  expect(open.parts.recorder).toBeUndefined()
  expect(await open.app.use(Queue).metrics.summary(everything())).toEqual([])
})
