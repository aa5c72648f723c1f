import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withTimeout } from './with-timeout.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = () => new Promise<never>(() => {})

test('work that is done in time gives its result and leaves no timer behind', async () => {
  expect(await withTimeout(() => 'done', '1s')).toBe('done')
  expect(vi.getTimerCount()).toBe(0)
})

test('work that takes too long is answered with 504, and its signal is aborted with the same error', async () => {
  let signal: AbortSignal | undefined
  const result = withTimeout((given) => ((signal = given), never()), '2s')
  const failure = expect(result).rejects.toMatchObject({ code: 'TIMED_OUT', status: 504, message: expect.stringContaining('2000 ms') })
  await vi.advanceTimersByTimeAsync(1_999)
  expect(signal?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await failure
  expect(signal?.reason).toMatchObject({ code: 'TIMED_OUT' })
})

test('a failure of the work is passed on as it is, thrown or rejected', async () => {
  const failure = new RangeError('too far')
  await expect(
    withTimeout(() => {
      throw failure
    }, '1s'),
  ).rejects.toBe(failure)
  await expect(withTimeout(() => Promise.reject(failure), '1s')).rejects.toBe(failure)
  expect(vi.getTimerCount()).toBe(0)
})

test('an abort from outside ends the wait with its reason, and work is not begun when it came before', async () => {
  const outer = new AbortController()
  const waiting = withTimeout(never, '1h', { signal: outer.signal })
  outer.abort('gone')
  await expect(waiting).rejects.toBe('gone')
  const work = vi.fn()
  await expect(withTimeout(work, '1h', { signal: outer.signal })).rejects.toBe('gone')
  expect(work).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('the signal follows the outer one after the work is done, for a result that is still being read', async () => {
  const outer = new AbortController()
  const inner = await withTimeout((signal) => signal, '1s', { signal: outer.signal })
  expect(inner.aborted).toBe(false)
  outer.abort('gone')
  expect(inner.reason).toBe('gone')
})

test('a limit longer than a timer can hold never fires early', async () => {
  const result = withTimeout(() => new Promise((resolve) => setTimeout(resolve, 1_000, 'done')), '60d')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await result).toBe('done')
})

test('a limit that is no duration is refused', async () => {
  await expect(withTimeout(() => 1, Number.NaN)).rejects.toMatchObject({ code: 'INVALID_DURATION' })
})
