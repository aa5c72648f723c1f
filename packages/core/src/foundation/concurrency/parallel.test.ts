import * as fc from 'fast-check'
import { expect, expectTypeOf, test, vi } from 'vitest'
import { parallel } from './parallel.ts'

const never = () => new Promise<never>(() => {})

test('results stand under the keys of their tasks, in their order, with their types', async () => {
  const result = await parallel({ users: async () => ['ada'], count: () => 3, ready: Promise.resolve(true) })
  expect(result).toEqual({ users: ['ada'], count: 3, ready: true })
  expect(Object.keys(result)).toEqual(['users', 'count', 'ready'])
  expectTypeOf(result).toEqualTypeOf<{ users: string[]; count: number; ready: boolean }>()
})

test('no tasks give an empty result', async () => {
  expect(await parallel({})).toEqual({})
})

test('tasks run side by side', async () => {
  const gate = Promise.withResolvers<string>()
  const result = await parallel({ waits: () => gate.promise, opens: async () => gate.resolve('open') })
  expect(result.waits).toBe('open')
})

test('the first failure is thrown at once, the others are aborted with it, and those that wait never start', async () => {
  const failure = new Error('no users')
  const seen: unknown[] = []
  const later = vi.fn()
  const result = parallel(
    {
      posts: (signal) => new Promise<void>((_, reject) => signal.addEventListener('abort', () => (seen.push(signal.reason), reject(signal.reason)))),
      users: () => Promise.reject(failure),
      later,
    },
    { concurrency: 2 },
  )
  await expect(result).rejects.toBe(failure)
  expect(seen).toEqual([failure])
  expect(later).not.toHaveBeenCalled()
})

test('a task that ends well after the failure is not followed by another', async () => {
  const later = vi.fn()
  const lastTurn = Promise.withResolvers<void>()
  const result = parallel(
    {
      posts: (signal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => (resolve(), setImmediate(lastTurn.resolve)))),
      users: () => Promise.reject(new Error('no users')),
      later,
    },
    { concurrency: 2 },
  )
  await expect(result).rejects.toThrow('no users')
  await lastTurn.promise
  expect(later).not.toHaveBeenCalled()
})

test('a function that throws counts as a failure', async () => {
  const failure = new TypeError('bad')
  await expect(
    parallel({
      a: () => {
        throw failure
      },
      b: never,
    }),
  ).rejects.toBe(failure)
})

test('a promise that rejects while functions wait for their turn fails the whole, and is never unhandled', async () => {
  await expect(parallel({ slow: never, other: never, bad: Promise.reject(new Error('bad')) }, { concurrency: 1 })).rejects.toThrow('bad')
})

test('work that takes too long is answered with 504 and aborted', async () => {
  vi.useFakeTimers()
  try {
    let signal: AbortSignal | undefined
    const failure = expect(parallel({ slow: (given) => ((signal = given), never()) }, { timeout: '2s' })).rejects.toMatchObject({
      code: 'TIMED_OUT',
      status: 504,
    })
    await vi.advanceTimersByTimeAsync(2_000)
    await failure
    expect(signal?.aborted).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('an abort from outside cancels everything with its reason', async () => {
  const outer = new AbortController()
  let inner: AbortSignal | undefined
  const result = parallel({ slow: (signal) => ((inner = signal), never()) }, { signal: outer.signal })
  outer.abort('client gone')
  await expect(result).rejects.toBe('client gone')
  expect(inner?.reason).toBe('client gone')
})

test.for([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a concurrency of %s is refused before anything runs', async (concurrency) => {
  const task = vi.fn()
  await expect(parallel({ task }, { concurrency })).rejects.toMatchObject({ code: 'INVALID_NUMBER' })
  expect(task).not.toHaveBeenCalled()
})

test('for any number of tasks, never more than the concurrency run, and all give their result', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string(), { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(3)), async (keys, concurrency, turns) => {
      let running = 0
      let most = 0
      const task = (index: number) => async () => {
        most = Math.max(most, ++running)
        for (let turn = turns[index] ?? 1; turn > 0; turn--) await Promise.resolve()
        running--
        return index
      }
      const result = await parallel(Object.fromEntries(keys.map((key, index) => [key, task(index)])), { concurrency })
      expect(new Map(Object.entries(result))).toEqual(new Map(keys.map((key, index) => [key, index])))
      expect(most).toBeLessThanOrEqual(concurrency)
    }),
    { numRuns: 100 },
  )
})
