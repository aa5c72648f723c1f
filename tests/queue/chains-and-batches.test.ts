import { batch, chain, job, Queue, type BatchOptions } from '@glueful/queue'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { openQueue } from './open-queue.ts'

function shop() {
  const seen: string[] = []
  const failing = new Set<string>()
  const Step = job('step', { payload: z.string(), tries: 1 }, ({ payload }) => {
    if (failing.has(payload)) throw new Error(`${payload} fails`)
    seen.push(payload)
  })
  const steps = (names: string) => names.split(' ').map((name) => Step.with(name))
  // A planned job is no function, so that nothing takes this for a promise.
  // oxlint-disable-next-line unicorn/no-thenable
  const callbacks = { then: Step.with('then'), catch: Step.with('catch'), finally: Step.with('finally') }
  return { seen, failing, Step, steps, callbacks }
}

test('a chain runs one job after the other, each when the one before it is done', async () => {
  const { seen, Step } = shop()
  await using open = await openQueue({ jobs: [Step] })
  await chain([Step.with('a'), Step.with('b', { delay: '1m' }), Step.with('c')]).dispatch()
  expect(open.queue.dispatched(Step)).toHaveLength(1)
  await open.queue.runUntilEmpty()
  expect(seen).toEqual(['a'])
  await open.queue.travel('1m')
  expect(seen).toEqual(['a', 'b', 'c'])
})

test('a chain stops at the job that fails for good', async () => {
  const { seen, failing, Step } = shop()
  failing.add('b')
  await using open = await openQueue({ jobs: [Step] })
  await chain([Step.with('a'), Step.with('b'), Step.with('c')]).dispatch()
  await open.queue.travel('1d')
  expect(seen).toEqual(['a'])
})

test('a batch tells how far it is, and dispatches then and finally when all are done', async () => {
  const { seen, Step, steps, callbacks } = shop()
  await using open = await openQueue({ jobs: [Step] })
  const queue = open.app.use(Queue)
  const { id } = await batch(steps('a b c d'), { name: 'import', ...callbacks }).dispatch()
  await open.queue.runNext()
  expect(await queue.batch(id)).toMatchObject({ name: 'import', total: 4, done: 1, state: 'open', progress: 0.25 })
  await open.queue.runUntilEmpty()
  expect(await queue.batch(id)).toMatchObject({ done: 4, failed: 0, state: 'done', progress: 1 })
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'then', 'finally'])
})

test('the first failure for good dispatches catch and takes out what has not begun', async () => {
  const { seen, failing, Step, steps, callbacks } = shop()
  failing.add('b')
  await using open = await openQueue({ jobs: [Step] })
  const { id } = await batch(steps('a b c d'), callbacks).dispatch()
  await open.queue.runUntilEmpty()
  expect(await open.app.use(Queue).batch(id)).toMatchObject({ total: 4, done: 1, failed: 1, cancelled: 2, state: 'failed', progress: 1 })
  expect(seen.toSorted()).toEqual(['a', 'catch', 'finally'])
})

test('a batch that allows failures goes on, catches once, and does not call it done', async () => {
  const { seen, failing, Step, steps, callbacks } = shop()
  failing.add('a').add('c')
  await using open = await openQueue({ jobs: [Step] })
  const { id } = await batch(steps('a b c d'), { ...callbacks, allowFailures: true }).dispatch()
  await open.queue.runUntilEmpty()
  expect(await open.app.use(Queue).batch(id)).toMatchObject({ done: 2, failed: 2, cancelled: 0, state: 'failed' })
  expect(seen).toEqual(['b', 'd', 'catch', 'finally'])
})

test('a batch of nothing is done at once', async () => {
  const { seen, Step, callbacks } = shop()
  await using open = await openQueue({ jobs: [Step] })
  const { id } = await batch([], callbacks).dispatch()
  await open.queue.runUntilEmpty()
  expect(await open.app.use(Queue).batch(id)).toMatchObject({ total: 0, state: 'done', progress: 1 })
  expect(seen).toEqual(['then', 'finally'])
})

test('a job that is cancelled counts in its batch, and one that was queued already is not waited for', async () => {
  const Once = job('once', { payload: z.number(), unique: true }, () => {})
  await using open = await openQueue({ jobs: [Once] })
  const queue = open.app.use(Queue)
  await Once.dispatch(1)
  const { id } = await batch([Once.with(1), Once.with(2), Once.with(3)]).dispatch()
  expect(await queue.batch(id)).toMatchObject({ total: 2 })
  const last = (await queue.list()).find(({ payload }) => payload === '3')
  await queue.cancel(last?.id ?? '')
  await open.queue.runUntilEmpty()
  expect(await queue.batch(id)).toMatchObject({ done: 1, cancelled: 1, state: 'failed' })
})

test.for([
  ['without a failure', [], ['a', 'b', 'then', 'finally'], {}],
  ['with one', ['a'], ['catch', 'finally'], {}],
  ['with one that is allowed', ['a'], ['b', 'catch', 'finally'], { allowFailures: true }],
] as const)('with QUEUE_DRIVER=sync, chains and batches run where they are dispatched: %s', async ([, failures, expected, options]) => {
  const { seen, failing, Step, steps, callbacks } = shop()
  for (const name of failures) failing.add(name)
  await using _open = await openQueue({ jobs: [Step] }, { env: { QUEUE_DRIVER: 'sync' } })
  await batch(steps('a b'), { ...callbacks, ...options } as BatchOptions).dispatch()
  expect(seen).toEqual(expected)
  failing.clear()
  await chain([Step.with('x'), Step.with('y')]).dispatch()
  expect(seen.slice(-2)).toEqual(['x', 'y'])
})

test('with QUEUE_DRIVER=sync, a batch that nobody catches rejects', async () => {
  const after = vi.fn()
  const Fails = job('fails', {}, () => {
    throw new RangeError('no')
  })
  const After = job('after', {}, after)
  await using open = await openQueue({ jobs: [Fails, After] }, { env: { QUEUE_DRIVER: 'sync' } })
  expect(await open.app.use(Queue).batch('unknown')).toBeUndefined()
  await expect(batch([Fails.with()], { finally: After.with() }).dispatch()).rejects.toThrow(RangeError)
  expect(after).toHaveBeenCalledOnce()
})

test('a failure takes out the rest of a batch of any size', async () => {
  const { failing, Step } = shop()
  failing.add('0')
  const count = 33_000
  await using open = await openQueue({ jobs: [Step] })
  const { id } = await batch(Array.from({ length: count }, (_, index) => Step.with(String(index)))).dispatch()
  expect(await open.queue.runNext()).toMatchObject({ outcome: 'bury' })
  expect(await open.app.use(Queue).batch(id)).toMatchObject({ failed: 1, cancelled: count - 1, state: 'failed' })
  expect(await open.queue.runNext()).toBeUndefined()
})

test('the window of a key in a chain begins when its link is dispatched', async () => {
  const Once = job('once', { payload: z.number(), unique: { key: String, for: '1m' } }, () => {})
  const { Step } = shop()
  await using open = await openQueue({ jobs: [Once, Step] })
  await chain([Step.with('a', { delay: '10m' }), Once.with(1, { delay: '30s' })]).dispatch()
  await open.queue.travel('10m')
  expect(await Once.dispatch(1)).toMatchObject({ outcome: 'existing' })
  await open.queue.travel('61s')
  expect(await Once.dispatch(1)).toMatchObject({ outcome: 'queued' })
})
