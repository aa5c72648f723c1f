import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Reply } from '../context/reply.ts'
import { deferred } from './deferred.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const { signal } = new AbortController()

test('the first to settle it decides, and onSettled is called once', async () => {
  const onSettled = vi.fn<() => void>()
  const next = deferred<number>({ signal, onSettled })
  next.resolve(1)
  next.resolve(2)
  next.reject(new TypeError('late'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await next.answer).toBe(1)
  expect(onSettled).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

test('an error is the answer', async () => {
  const next = deferred<number>({ signal })
  next.reject(new TypeError('broken'))
  await expect(next.answer).rejects.toThrow('broken')
})

test('after the time-out the answer is 204', async () => {
  const next = deferred<number>({ signal, timeout: '10s' })
  await vi.advanceTimersByTimeAsync(9_999)
  let answer: unknown
  void next.answer.then((value) => (answer = value))
  expect(answer).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(answer).toBeInstanceOf(Reply)
  expect((answer as Reply).status).toBe(204)
})

test('after the time-out the answer is that of onTimeout', async () => {
  const next = deferred<string[]>({ signal, timeout: 5, onTimeout: () => [] })
  await vi.advanceTimersByTimeAsync(5)
  expect(await next.answer).toEqual([])
})

test('an onTimeout that throws rejects the answer', async () => {
  const next = deferred<string>({
    signal,
    timeout: 5,
    onTimeout: () => {
      throw new TypeError('no value')
    },
  })
  const outcome = expect(next.answer).rejects.toThrow('no value')
  await vi.advanceTimersByTimeAsync(5)
  await outcome
})

test.each(['before', 'after'])('a client that leaves %s it was made is not waited for', async (when) => {
  const client = new AbortController()
  const onSettled = vi.fn<() => void>()
  if (when === 'before') client.abort()
  const next = deferred<number>({ signal: client.signal, onSettled })
  expect(onSettled).not.toHaveBeenCalled()
  client.abort()
  expect(await next.answer).toMatchObject({ status: 204 })
  expect(onSettled).toHaveBeenCalledOnce()
  expect(vi.getTimerCount()).toBe(0)
})

test('time-outs that no timer can hold are refused', () => {
  expect(() => deferred({ signal, timeout: '30d' })).toThrow(expect.objectContaining({ code: 'INVALID_NUMBER' }))
  expect(() => deferred({ signal, timeout: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_DURATION' }))
})
