import { sql } from '@glueful/database'
import { inThread, job } from '@glueful/queue'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openApp, until } from './open-app.ts'

const payload = z.object({ ms: z.number(), end: z.enum(['throw', 'exit']).optional() })
const module = new URL('./app/busy-thread.ts', import.meta.url)

test('work in a thread leaves the process free, and gives its result', async () => {
  const Busy = job('busy', { payload, keep: '1m' }, inThread<z.output<typeof payload>>(module, { threads: 1 }))
  await using open = await openApp({ jobs: [Busy] })
  const worker = await open.startWorker()
  const { id } = await Busy.dispatch({ ms: 150 })
  await until(() => worker.stats.running === 1)
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  const record = await until(
    () => open.parts.queue.find(id),
    (found) => found?.state === 'done',
  )
  clearInterval(timer)
  expect(turns).toBeGreaterThan(5)
  expect(record?.result).toEqual({ turns: expect.any(Number) })
  await worker.stop(1_000)
})

test('a thread that throws, exits or takes too long fails the attempt, and the next job gets a thread', async () => {
  const Busy = job('busy', { payload, keep: '1m', tries: 1, timeout: '1s' }, inThread<z.output<typeof payload>>(module, { threads: 1 }))
  await using open = await openApp({ jobs: [Busy] })
  const worker = await open.startWorker({ concurrency: 1 })
  await Busy.dispatchMany([{ ms: 0, end: 'throw' }, { ms: 0, end: 'exit' }, { ms: 60_000 }])
  const { id } = await Busy.dispatch({ ms: 1 })
  await until(
    () => open.parts.queue.find(id),
    (found) => found?.state === 'done',
  )
  expect(worker.stats).toMatchObject({ done: 1, failed: 3 })
  const letters = await open.db.all<{ error_message: string }>(sql`select error_message from glueful_dead_letters order by id`)
  expect(letters.map(({ error_message }) => error_message)).toEqual([
    'told to',
    expect.stringContaining('JOB_THREAD_EXITED'),
    expect.stringContaining('JOB_TIMED_OUT'),
  ])
  await worker.stop(1_000)
})

test('a number of threads that is none is refused', () => {
  expect(() => inThread(module, { threads: 0 })).toThrow(expect.objectContaining({ code: 'JOB_OPTION_INVALID' }))
})
