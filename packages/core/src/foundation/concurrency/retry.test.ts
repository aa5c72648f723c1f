import * as fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { retry, type RetryOptions } from './retry.ts'

afterEach(() => void vi.useRealTimers())

/** Fails `failures` times, then answers; records the waits instead of waiting. */
function unreliable(failures: number, options: RetryOptions = {}) {
  const waits: number[] = []
  const attempts: number[] = []
  const work = async (_signal: AbortSignal, attempt: number) => {
    attempts.push(attempt)
    if (attempt <= failures) throw new Error(`failure ${attempt}`)
    return 'done'
  }
  return { waits, attempts, result: retry(work, { random: () => 0.5, sleep: async (ms) => void waits.push(ms), ...options }) }
}

test('work that succeeds at once runs once', async () => {
  const { result, attempts, waits } = unreliable(0)
  expect(await result).toBe('done')
  expect(attempts).toEqual([1])
  expect(waits).toEqual([])
})

test('a failure is tried again, with growing waits of which jitter takes a random part', async () => {
  const { result, attempts, waits } = unreliable(3, { attempts: 4, backoff: { initial: 100, factor: 3, max: 500 } })
  expect(await result).toBe('done')
  expect(attempts).toEqual([1, 2, 3, 4])
  expect(waits).toEqual([50, 150, 250])
})

test('without jitter the whole backoff is waited', async () => {
  const { result, waits } = unreliable(2, { backoff: { initial: '1s', factor: 1 }, jitter: 'none' })
  expect(await result).toBe('done')
  expect(waits).toEqual([1_000, 1_000])
})

test('no wait stays none, however often it failed', async () => {
  const { result, waits } = unreliable(1_100, { attempts: 1_101, backoff: { initial: 0 } })
  expect(await result).toBe('done')
  expect(new Set(waits)).toEqual(new Set([0]))
})

test('the last failure is thrown when the attempts are used up', async () => {
  const { result, attempts } = unreliable(5)
  await expect(result).rejects.toThrow('failure 3')
  expect(attempts).toEqual([1, 2, 3])
})

test('a failure that trying again cannot repair is thrown at once', async () => {
  const asked: unknown[] = []
  const { result, attempts } = unreliable(5, { retryIf: (error, attempt) => (asked.push((error as Error).message, attempt), attempt < 2) })
  await expect(result).rejects.toThrow('failure 2')
  expect(attempts).toEqual([1, 2])
  expect(asked).toEqual(['failure 1', 1, 'failure 2', 2])
})

test('an abort ends the wait at once with its reason, and no timer stays', async () => {
  vi.useFakeTimers()
  const outer = new AbortController()
  const work = vi.fn(() => Promise.reject(new Error('down')))
  const result = retry(work, { signal: outer.signal, backoff: { initial: '1h', max: '1h' }, jitter: 'none' })
  const failure = expect(result).rejects.toBe('gone')
  await vi.advanceTimersByTimeAsync(1_000)
  outer.abort('gone')
  await failure
  expect(work).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('an abort while the work runs is answered with its reason, and nothing is tried again', async () => {
  const outer = new AbortController()
  const work = vi.fn((signal: AbortSignal) => {
    outer.abort('gone')
    throw new Error(`aborted: ${signal.aborted}`)
  })
  await expect(retry(work, { signal: outer.signal, attempts: 1 })).rejects.toBe('gone')
  expect(work).toHaveBeenCalledTimes(1)
  await expect(retry(work, { signal: outer.signal })).rejects.toBe('gone')
  expect(work).toHaveBeenCalledTimes(1)
})

test('the default wait is a real timer', async () => {
  vi.useFakeTimers()
  let calls = 0
  const result = retry(() => (++calls === 1 ? Promise.reject(new Error('once')) : calls), { backoff: { initial: 100 }, jitter: 'none' })
  await vi.advanceTimersByTimeAsync(99)
  expect(calls).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(await result).toBe(2)
})

test.for<RetryOptions>([{ attempts: 0 }, { attempts: 1.5 }, { backoff: { factor: 0.5 } }, { backoff: { factor: Number.NaN } }])(
  'the options %o are refused',
  async (options) => {
    const work = vi.fn()
    await expect(retry(work, options)).rejects.toMatchObject({ code: 'INVALID_NUMBER' })
    expect(work).not.toHaveBeenCalled()
  },
)

test('every wait is at least nothing and below the backoff of its attempt', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      async (attempts, numbers) => {
        const random = () => numbers.next().value as number
        const { result, waits } = unreliable(99, { attempts, random, backoff: { initial: 100, factor: 2, max: 5_000 } })
        await expect(result).rejects.toThrow(`failure ${attempts}`)
        expect(waits).toHaveLength(attempts - 1)
        waits.forEach((wait, index) => {
          expect(wait).toBeGreaterThanOrEqual(0)
          expect(wait).toBeLessThan(Math.min(5_000, 100 * 2 ** index))
        })
      },
    ),
    { numRuns: 50 },
  )
})
