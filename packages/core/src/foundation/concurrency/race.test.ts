import { expect, expectTypeOf, test, vi } from 'vitest'
import { race } from './race.ts'

const never = () => new Promise<never>(() => {})

test('the first to settle wins, the others are aborted, and the winner is not', async () => {
  const signals: AbortSignal[] = []
  const task = (work: () => Promise<string>) => (signal: AbortSignal) => (signals.push(signal), work())
  const result = await race([task(never), task(async () => 'fast'), task(never)])
  expect(result).toBe('fast')
  expect(signals.map((signal) => signal.aborted)).toEqual([true, false, true])
  expect(signals[0]?.reason).toMatchObject({ name: 'AbortError' })
})

test('a failure that comes first wins too', async () => {
  const failure = new Error('first')
  let other: AbortSignal | undefined
  await expect(race([(signal) => ((other = signal), never()), () => Promise.reject(failure)])).rejects.toBe(failure)
  expect(other?.aborted).toBe(true)
})

test('promises and functions may be mixed', async () => {
  const result = await race([Promise.resolve(1), () => 2, never])
  expectTypeOf(result).toEqualTypeOf<number>()
  expect(result).toBe(1)
})

test('when nobody is in time, all are aborted and the answer is 504', async () => {
  vi.useFakeTimers()
  try {
    const signals: AbortSignal[] = []
    const task = (signal: AbortSignal) => (signals.push(signal), never())
    const failure = expect(race([task, task], { timeout: 50 })).rejects.toMatchObject({ code: 'TIMED_OUT', status: 504 })
    await vi.advanceTimersByTimeAsync(50)
    await failure
    expect(signals.map((signal) => signal.reason)).toMatchObject([{ code: 'TIMED_OUT' }, { code: 'TIMED_OUT' }])
  } finally {
    vi.useRealTimers()
  }
})

test('an abort from outside reaches all, and the winner even later', async () => {
  const outer = new AbortController()
  const winner = await race([(signal) => signal], { signal: outer.signal })
  const waiting = race([never], { signal: outer.signal })
  outer.abort('gone')
  await expect(waiting).rejects.toBe('gone')
  expect(winner.reason).toBe('gone')
})

test('a race without tasks is refused instead of never ending', async () => {
  await expect(race([])).rejects.toMatchObject({ code: 'RACE_EMPTY' })
})
