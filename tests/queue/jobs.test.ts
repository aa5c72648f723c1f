import { sql, transaction } from '@glueful/database'
import { bury, job, Queue, release, skip, type JobContext, type JobMiddleware } from '@glueful/queue'
import { queueMatchers, type QueueMatchers } from '@glueful/queue/testing'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openQueue } from './open-queue.ts'

declare module 'vitest' {
  interface Matchers<R> extends QueueMatchers<R> {}
}
expect.extend(queueMatchers)

test('what is dispatched is seen, and runs when the test says so', async () => {
  const seen: unknown[] = []
  const Index = job('cars.index', { payload: z.object({ carId: z.string(), full: z.boolean().default(false) }) }, ({ payload }) => void seen.push(payload))
  const Other = job('other', {}, () => {})
  await using open = await openQueue({ jobs: [Index, Other] })
  const { queue } = open
  await Index.dispatch({ carId: 'a' })
  expect(queue).toHaveDispatched(Index, { carId: 'a' })
  expect(queue).toHaveDispatched(Index, { carId: expect.any(String) })
  expect(queue).not.toHaveDispatched(Index, { carId: 'b' })
  expect(queue).not.toHaveDispatched(Other)
  expect(queue).toHaveDispatchedTimes(Index, 1)
  expect(seen).toEqual([])
  expect(await queue.runUntilEmpty()).toMatchObject([{ job: 'cars.index', payload: { carId: 'a' }, outcome: 'complete', attempt: 1 }])
  expect(seen).toEqual([{ carId: 'a', full: false }])
  expect(await queue.runNext()).toBeUndefined()
})

test('a matcher that does not match says what was found', async () => {
  const Index = job('cars.index', { payload: z.object({ carId: z.string() }) }, () => {})
  await using open = await openQueue({ jobs: [Index] })
  await Index.dispatch({ carId: 'a' })
  expect(() => expect(open.queue).toHaveDispatched(Index, { carId: 'b' })).toThrow(/cars\.index with \{"carId":"b"\}.*\{"carId":"a"\}/)
  expect(() => expect(open.queue).toHaveDispatchedTimes(Index, 2)).toThrow('expected 2 dispatches of cars.index, found 1')
})

test('a job that is dispatched in a transaction is there when it commits, and never when it is rolled back', async () => {
  const Index = job('cars.index', { payload: z.string() }, () => {})
  await using open = await openQueue({ jobs: [Index] })
  await transaction(async () => {
    await Index.dispatch('kept')
    expect(open.queue).not.toHaveDispatched(Index)
  })
  await expect(
    transaction(async () => {
      await Index.dispatch('lost')
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(open.queue.dispatched(Index).map(({ payload }) => payload)).toEqual(['kept'])
  expect(await open.queue.runUntilEmpty()).toHaveLength(1)
})

test('failures are tried again after their waits, as often as tries says, and then lie with the dead letters', async () => {
  let calls = 0
  const Flaky = job('flaky', { tries: 3, backoff: { kind: 'exponential', initial: '10s', jitter: 0 } }, () => {
    calls++
    throw new TypeError(`no ${calls}`)
  })
  await using open = await openQueue({ jobs: [Flaky] })
  const { id } = await Flaky.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'retry', error: 'no 1' }])
  expect(await open.queue.travel('9s')).toEqual([])
  expect(await open.queue.travel('1s')).toMatchObject([{ outcome: 'retry', attempt: 2 }])
  expect(await open.queue.travel('1h')).toMatchObject([{ outcome: 'bury', attempt: 3 }])
  const dead = await open.db.first<{ failures: string }>(sql`select failures from glueful_dead_letters where job_id = ${id}`)
  expect(JSON.parse(dead?.failures ?? '')).toMatchObject([
    { attempt: 1, kind: 'error', name: 'TypeError', message: 'no 1', stack: expect.stringContaining('jobs.test.ts') },
    { attempt: 2 },
    { attempt: 3, message: 'no 3' },
  ])
})

test('retryIf false, and bury, end the attempts at once', async () => {
  const Hopeless = job('hopeless', { retryIf: (error) => !(error instanceof RangeError) }, () => {
    throw new RangeError('no such car')
  })
  const Buried = job('buried', {}, () => bury('the shop is closed'))
  await using open = await openQueue({ jobs: [Hopeless, Buried] })
  await Hopeless.dispatch()
  await Buried.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([
    { outcome: 'bury', error: 'no such car' },
    { outcome: 'bury', error: 'the shop is closed' },
  ])
})

test('a handler may hand its job back without losing an attempt, or find that there is nothing to do', async () => {
  const answers = [release('1m'), skip()]
  const Later = job('later', { tries: 1 }, () => answers.shift() ?? skip())
  await using open = await openQueue({ jobs: [Later] })
  await Later.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'release' }])
  expect(await open.queue.travel('1m')).toMatchObject([{ outcome: 'complete', attempt: 1 }])
})

test('middleware runs around the handler, the first one outermost, and may hold the job back', async () => {
  const seen: string[] = []
  const note =
    (name: string): JobMiddleware =>
    async (_ctx, next) => {
      seen.push(`${name} in`)
      const result = await next()
      seen.push(`${name} out`)
      return result
    }
  let closed = true
  const onlyWhenOpen: JobMiddleware = (_ctx, next) => (closed ? release('1h') : next())
  const Noted = job('noted', { middleware: [note('a'), onlyWhenOpen, note('b')], keep: '1d' }, () => ({ done: true }))
  await using open = await openQueue({ jobs: [Noted] })
  const { id } = await Noted.dispatch()
  await open.queue.runUntilEmpty()
  expect(seen).toEqual(['a in', 'a out'])
  closed = false
  await open.queue.travel('1h')
  expect(seen.slice(2)).toEqual(['a in', 'b in', 'b out', 'a out'])
  expect(await open.app.use(Queue).find(id)).toMatchObject({ state: 'done', result: { done: true } })
})

test('a payload of an older release goes through upgrade; one that nobody can read is buried at once, with the reason', async () => {
  const seen: unknown[] = []
  const schema = z.object({ carId: z.string() })
  const upgrade = (stored: unknown) => ({ carId: (stored as { id: string }).id })
  const Old = job('old', { payload: schema, upgrade }, ({ payload }) => void seen.push(payload))
  await using open = await openQueue({ jobs: [Old] })
  await Old.dispatch({ carId: 'x' })
  await Old.dispatch({ carId: 'x' })
  const rows = await open.db.all<{ id: string }>(sql`select id from glueful_jobs order by id`)
  await open.db.run(sql`update glueful_jobs set payload = '{"id":"from 2025"}' where id = ${rows[0]?.id}`)
  await open.db.run(sql`update glueful_jobs set payload = '{"other":1}' where id = ${rows[1]?.id}`)
  const runs = await open.queue.runUntilEmpty()
  expect(seen).toEqual([{ carId: 'from 2025' }])
  expect(runs).toMatchObject([{ outcome: 'complete' }, { outcome: 'bury', error: expect.stringMatching(/JOB_PAYLOAD_INVALID/) }])
})

test('the handler is told about its job, may dispatch others, and is found in the log', async () => {
  const Second = job('second', {}, () => {})
  const contexts: JobContext<undefined>[] = []
  const First = job('first', { queue: 'mail', tags: ['t'] }, async (ctx) => {
    contexts.push(ctx)
    ctx.log.info('working')
    await Second.dispatch()
    expect(ctx.use(Queue).jobs.has('second')).toBe(true)
  })
  await using open = await openQueue({ jobs: [First, Second] })
  const { id } = await First.dispatch()
  expect((await open.queue.runUntilEmpty()).map((run) => run.job)).toEqual(['first', 'second'])
  expect(contexts[0]).toMatchObject({ id, name: 'first', queue: 'mail', attempt: 1, tries: 3, tags: ['t'] })
  expect(open.logs().find((line) => line.msg === 'working')).toMatchObject({ job: 'first', jobId: id, attempt: 1 })
})

test('a transactional job keeps what it wrote only together with its being done', async () => {
  let fails = true
  const Write = job('write', { transactional: true, backoff: 'fixed', keep: '1d' }, async () => {
    await open.db.run(sql`insert into effects (n) values (1)`)
    if (fails) throw new Error('after the write')
    return 'written'
  })
  await using open = await openQueue({ jobs: [Write] })
  await open.db.script('create table effects (n integer)')
  const { id } = await Write.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'retry' }])
  expect(await open.db.all(sql`select n from effects`)).toEqual([])
  fails = false
  expect(await open.queue.travel('1m')).toMatchObject([{ outcome: 'complete', attempt: 2 }])
  expect(await open.db.all(sql`select n from effects`)).toEqual([{ n: 1 }])
  expect(await open.app.use(Queue).find(id)).toMatchObject({ state: 'done', result: 'written' })
})

test('dispatchSync runs the job here, once, and passes on its result or its failure', async () => {
  const Add = job('add', { payload: z.object({ a: z.number(), b: z.number() }) }, ({ payload }) => payload.a + payload.b)
  const Fails = job('fails', {}, () => {
    throw new RangeError('no')
  })
  const Slow = job('slow', { timeout: 5 }, ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))))
  await using open = await openQueue({ jobs: [Add, Fails, Slow] })
  expect(await Add.dispatchSync({ a: 1, b: 2 })).toBe(3)
  await expect(Fails.dispatchSync()).rejects.toThrow(RangeError)
  await expect(Slow.dispatchSync()).rejects.toMatchObject({ code: 'JOB_TIMED_OUT' })
  expect(open.queue.dispatched()).toEqual([])
})

test('QUEUE_DRIVER=sync runs jobs where they are dispatched', async () => {
  const run = vi.fn()
  const Note = job('note', { payload: z.string(), delay: '1h' }, ({ payload }) => run(payload))
  await using open = await openQueue({ jobs: [Note] }, { env: { QUEUE_DRIVER: 'sync' } })
  await Note.dispatchMany(['a', 'b'])
  expect(run.mock.calls).toEqual([['a'], ['b']])
  expect(await open.app.use(Queue).depths()).toEqual([{ queue: 'default', states: {}, oldestAt: undefined, paused: false }])
})

test('a job that the queue was not given is refused, with the name that may be meant', async () => {
  const Known = job('cars.index', {}, () => {})
  await using open = await openQueue({ jobs: [Known] })
  await expect(job('cars.indx', {}, () => {}).dispatch()).rejects.toMatchObject({ code: 'JOB_UNKNOWN', message: expect.stringContaining("'cars.index'") })
  expect(open.queue.dispatched()).toEqual([])
})

test('the queue of an application is inspected and controlled', async () => {
  const Work = job('work', { tags: ['red'] }, () => {})
  await using open = await openQueue({ jobs: [Work] })
  const queue = open.app.use(Queue)
  const [first, second] = [await queue.dispatch(Work, undefined), await queue.dispatch(Work, undefined, { tags: ['blue'], queue: 'other' })]
  expect((await queue.list({ tag: 'blue' })).map(({ id }) => id)).toEqual([second.id])
  expect((await queue.list({ queue: 'default', state: 'waiting', job: 'work' })).map(({ id }) => id)).toEqual([first.id])
  await queue.pause('other')
  expect(await queue.depths()).toMatchObject([
    { queue: 'default', states: { waiting: 1 } },
    { queue: 'other', paused: true },
  ])
  expect(await open.queue.runUntilEmpty()).toHaveLength(1)
  await queue.resume('other')
  expect(await queue.cancel(second.id)).toBe(true)
  expect(await open.queue.runUntilEmpty()).toEqual([])
  expect(await queue.workers()).toEqual([])
})

test('a job that dispatches itself for ever is stopped in a test', async () => {
  const Loop = job('loop', {}, async (): Promise<void> => void (await Loop.dispatch()))
  await using open = await openQueue({ jobs: [Loop] })
  await Loop.dispatch()
  await expect(open.queue.runUntilEmpty({ limit: 5 })).rejects.toMatchObject({ code: 'QUEUE_TEST_ENDLESS' })
})

test('a transactional job that hands itself back is rolled back (JOB_HANDED_BACK inside), and runs later', async () => {
  const answers = [release('1m'), undefined]
  const Write = job('write', { transactional: true }, async () => {
    await open.db.run(sql`insert into effects (n) values (1)`)
    return answers.shift()
  })
  await using open = await openQueue({ jobs: [Write] })
  await open.db.script('create table effects (n integer)')
  await Write.dispatch()
  expect(await open.queue.runUntilEmpty()).toMatchObject([{ outcome: 'release' }])
  expect(await open.db.all(sql`select n from effects`)).toEqual([])
  expect(await open.queue.travel('1m')).toMatchObject([{ outcome: 'complete', attempt: 1 }])
  expect(await open.db.all(sql`select n from effects`)).toEqual([{ n: 1 }])
})

test('a job that must be unique is refused while one like it is queued', async () => {
  const Once = job('once', { payload: z.object({ id: z.number() }), unique: { key: ({ id }) => String(id), onConflict: 'reject' } }, () => {})
  await using open = await openQueue({ jobs: [Once] })
  const { id } = await Once.dispatch({ id: 1 })
  await Once.dispatch({ id: 2 })
  await expect(Once.dispatch({ id: 1 })).rejects.toMatchObject({ code: 'JOB_DUPLICATE', status: 409, message: expect.stringContaining(id) })
  expect(await open.queue.runUntilEmpty()).toHaveLength(2)
  await Once.dispatch({ id: 1 })
  expect(open.queue).toHaveDispatchedTimes(Once, 3)
})
