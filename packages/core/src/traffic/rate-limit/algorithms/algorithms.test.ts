import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeClaims } from '../judge-claims.ts'
import type { LimitRule, Verdict } from '../limit-store.ts'
import { algorithmOf } from '../judge-claims.ts'
import { slidingParts } from './sliding.ts'

interface Attempt {
  /** Since the one before, in ms. */
  readonly after: number
  readonly cost: number
}

const attempts = (most: number) => fc.array(fc.record({ after: fc.integer({ min: 0, max: most }), cost: fc.integer({ min: 0, max: 4 }) }), { maxLength: 80 })
const start = Date.UTC(2026, 0, 31, 20)

/** Runs attempts against one budget; `judge` sees each with its time and verdict. */
function run(rule: LimitRule, list: readonly Attempt[], judge: (attempt: Attempt, now: number, verdict: Verdict) => void): void {
  const state = algorithmOf(rule).create()
  let now = start
  for (const attempt of list) {
    now += attempt.after
    judge(attempt, now, take(rule, state, attempt.cost, now))
  }
}

function take(rule: LimitRule, state: unknown, cost: number, now: number): Verdict {
  return judgeClaims([{ claim: { rule, subject: 's', cost, share: 1 }, state, now }])[0] as Verdict
}

const ruleOf = (algorithm: LimitRule['algorithm'], attempts: number, windowMs: number, more: Partial<LimitRule> = {}): LimitRule => ({
  id: 'x',
  algorithm,
  attempts,
  burst: attempts,
  windowMs,
  ...more,
})

describe('sliding', () => {
  // Close together, so that some are remembered as one, and about a window apart, where they stop to count.
  const after = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1_450, max: 1_650 }))
  const bursts = fc.array(fc.record({ after, cost: fc.constantFrom(1, 1, 1, 2, 0, 4) }), { maxLength: 40 })

  test('no stretch of the window holds more than the limit, and none is refused that fits with a sixteenth to spare', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), bursts, (limit, list) => {
        const rule = ruleOf('sliding', limit, 1_600)
        const admitted: { at: number; cost: number }[] = []
        const used = (now: number, window: number) => admitted.filter(({ at }) => at > now - window).reduce((sum, { cost }) => sum + cost, 0)
        run(rule, list, ({ cost }, now, verdict) => {
          const taken = Math.min(cost, limit)
          if (used(now, rule.windowMs * (1 + 1 / slidingParts)) + taken <= limit) expect(verdict.admitted).toBe(true)
          if (verdict.admitted) admitted.push({ at: now, cost: taken })
          expect(used(now, rule.windowMs)).toBeLessThanOrEqual(limit)
          expect(verdict.resetMs).toBeLessThanOrEqual(rule.windowMs)
        })
      }),
      { numRuns: 1_000 },
    )
  })

  test('remembers a bounded number of moments', () => {
    const rule = ruleOf('sliding', 1_000_000, 60_000)
    const state = algorithmOf(rule).create() as { times: number[] }
    for (let now = 0; now < 200_000; now += 7) take(rule, state, 1, now)
    expect(state.times.length).toBeLessThanOrEqual(slidingParts + 1)
  })
})

test('fixed counts from the first attempt until the window has passed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), attempts(700), (limit, list) => {
      const rule = ruleOf('fixed', limit, 1_000)
      let [began, count] = [-Infinity, 0]
      run(rule, list, ({ cost }, now, verdict) => {
        const taken = Math.min(cost, limit)
        if (now - began >= 1_000) count = 0
        const fits = count + taken <= limit
        expect(verdict.admitted).toBe(fits)
        if (!fits) return
        if (count === 0) began = now
        count += taken
        expect(verdict.remaining).toBe(limit - count)
      })
    }),
  )
})

test('bucket gives attempts back one by one, and never holds more than the burst', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), attempts(300), (rate, burst, list) => {
      // Each attempt comes back after 100 ms, so that this arithmetic is exact.
      const rule = ruleOf('bucket', rate, rate * 100, { burst })
      let [tokens, at] = [burst * 100, start]
      run(rule, list, ({ cost }, now, verdict) => {
        tokens = Math.min(burst * 100, tokens + now - at)
        at = now
        const taken = Math.min(cost, burst) * 100
        expect(verdict.admitted).toBe(tokens >= taken)
        if (verdict.admitted) tokens -= taken
        expect(verdict.remaining).toBe(Math.floor(tokens / 100))
        expect(verdict.resetMs).toBe(burst * 100 - tokens)
      })
    }),
  )
})

test('calendar counts what falls into one day or month in UTC', () => {
  fc.assert(
    fc.property(fc.constantFrom('day' as const, 'month' as const), fc.integer({ min: 1, max: 5 }), attempts(9 * 3_600_000), (unit, limit, list) => {
      const used = new Map<string, number>()
      run(ruleOf('calendar', limit, 86_400_000, { unit }), list, ({ cost }, now, verdict) => {
        const period = new Date(now).toISOString().slice(0, unit === 'day' ? 10 : 7)
        const sum = (used.get(period) ?? 0) + Math.min(cost, limit)
        expect(verdict.admitted).toBe(sum <= limit)
        if (verdict.admitted) used.set(period, sum)
        else expect(new Date(now + verdict.retryMs).toISOString()).toMatch(unit === 'day' ? /T00:00:00.000Z$/ : /-01T00:00:00.000Z$/)
      })
    }),
  )
})

test('whoever waits as long as told is admitted, and not a moment earlier', () => {
  const rules = [
    ruleOf('sliding', 5, 997),
    ruleOf('fixed', 5, 997),
    ruleOf('bucket', 7, 1_000, { burst: 5 }),
    ruleOf('bucket', 3, 1_000),
    ruleOf('calendar', 5, 86_400_000, { unit: 'day' }),
  ]
  fc.assert(
    fc.property(fc.constantFrom(...rules), attempts(300), (rule, list) => {
      const state = algorithmOf(rule).create()
      let now = start + 0.3
      for (const { after, cost } of list) {
        now += after
        const verdict = take(rule, state, cost, now)
        if (verdict.admitted) continue
        expect(verdict.retryMs).toBeGreaterThan(0)
        if (verdict.retryMs > 1) expect(take(rule, state, cost, now + verdict.retryMs - 1).admitted).toBe(false)
        now += verdict.retryMs
        expect(take(rule, state, cost, now).admitted).toBe(true)
      }
    }),
  )
})

test('of several claims all are taken or none', () => {
  const small = ruleOf('fixed', 1, 1_000)
  const large = ruleOf('fixed', 10, 1_000)
  const states = [algorithmOf(small).create(), algorithmOf(large).create()]
  const both = (now: number) =>
    judgeClaims([small, large].map((rule, index) => ({ claim: { rule, subject: 's', cost: 1, share: 1 }, state: states[index], now })))
  expect(both(0).map(({ admitted, remaining, retryMs }) => ({ admitted, remaining, retryMs }))).toEqual([
    { admitted: true, remaining: 0, retryMs: 1_000 },
    { admitted: true, remaining: 9, retryMs: 0 },
  ])
  for (let i = 0; i < 5; i++)
    expect(both(10).map(({ admitted, remaining }) => ({ admitted, remaining }))).toEqual([
      { admitted: false, remaining: 0 },
      { admitted: true, remaining: 9 },
    ])
})

test('under load a share of the limit is left, and always one', () => {
  const rule = ruleOf('fixed', 10, 1_000)
  const state = algorithmOf(rule).create()
  const loaded = (share: number) => judgeClaims([{ claim: { rule, subject: 's', cost: 1, share }, state, now: 0 }])[0] as Verdict
  expect([loaded(0.25), loaded(0.25), loaded(0.25)].map(({ admitted, limit }) => [admitted, limit])).toEqual([
    [true, 2],
    [true, 2],
    [false, 2],
  ])
  expect(loaded(0.01).limit).toBe(1)
  expect(loaded(1)).toMatchObject({ admitted: true, remaining: 7 })
})
