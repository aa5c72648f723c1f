import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileBackoff, type BackoffOptions } from './backoff.ts'

const none = () => 0

test('waits grow as their kind says, up to the longest', () => {
  const waits = (options: BackoffOptions) => {
    const wait = compileBackoff('x', { initial: 100, max: 500, jitter: 0, ...options })
    return [1, 2, 3, 4].map((attempt) => wait(attempt, undefined, Math.random))
  }
  expect(waits({ kind: 'fixed' })).toEqual([100, 100, 100, 100])
  expect(waits({ kind: 'linear' })).toEqual([100, 200, 300, 400])
  expect(waits({ kind: 'exponential' })).toEqual([100, 200, 400, 500])
  expect(waits({ kind: 'exponential', factor: 3 })).toEqual([100, 300, 500, 500])
})

test('without options, waits are exponential from a second to an hour', () => {
  const wait = compileBackoff('x')
  expect([1, 2, 3, 30].map((attempt) => wait(attempt, undefined, none))).toEqual([1_000, 2_000, 4_000, 3_600_000])
})

const options = fc.record(
  {
    kind: fc.constantFrom('fixed', 'linear', 'exponential'),
    initial: fc.integer({ min: 0, max: 100_000 }),
    max: fc.integer({ min: 0, max: 10_000_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  },
  { requiredKeys: [] },
)
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('a wait is a finite number of ms from 0 to the longest, for every attempt', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 1_000 }), random, (given, attempt, part) => {
      const ms = compileBackoff('x', given as BackoffOptions)(attempt, undefined, () => part)
      expect(Number.isInteger(ms)).toBe(true)
      expect(ms).toBeGreaterThanOrEqual(0)
      expect(ms).toBeLessThanOrEqual(given.max ?? 3_600_000)
    }),
  )
})

test('no wait stays none, however often it failed', () => {
  expect(compileBackoff('x', { initial: 0 })(2_000, undefined, () => 0)).toBe(0)
})

test('jitter only shortens, by at most its part; without it, waits never shrink', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 50 }), random, (given, attempt, part) => {
      const jitter = given.jitter ?? 0.2
      const wait = compileBackoff('x', given as BackoffOptions)
      const full = wait(attempt, undefined, none)
      const ms = wait(attempt, undefined, () => part)
      expect(ms).toBeLessThanOrEqual(full)
      expect(ms).toBeGreaterThanOrEqual(Math.floor(full * (1 - jitter)) - 1)
      expect(wait(attempt + 1, undefined, none)).toBeGreaterThanOrEqual(full)
    }),
  )
})

test('a function decides by attempt and error', () => {
  const wait = compileBackoff('x', (attempt, error) => (error instanceof RangeError ? '5s' : attempt * 10))
  expect(wait(3, new Error('x'), none)).toBe(30)
  expect(wait(3, new RangeError('x'), none)).toBe(5_000)
})

test.for([{ kind: 'cubic' }, { factor: 0.5 }, { factor: Number.NaN }, { jitter: 2 }, { jitter: -0.1 }] as unknown as BackoffOptions[])(
  '%j is refused where it is declared',
  (given) => {
    expect(() => compileBackoff('x', given)).toThrow(expect.objectContaining({ code: 'JOB_OPTION_INVALID' }))
  },
)
