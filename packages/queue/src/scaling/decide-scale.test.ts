import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createScaler, defaultScaleRules, type ScaleRules } from './decide-scale.ts'

/** A host with one queue, second by second: what comes in, and what a process does in a second. */
function simulate(rules: Partial<ScaleRules>, arrivals: (second: number) => number, seconds: number, each = 20) {
  const all = { ...defaultScaleRules, min: 1, max: 10, ...rules }
  const decide = createScaler(all)
  let [backlog, ended, processes] = [0, 0, all.min]
  const history: { processes: number; backlog: number; reason: string }[] = []
  for (let second = 0; second < seconds; second++) {
    backlog += arrivals(second)
    const done = Math.min(backlog, processes * each)
    backlog -= done
    ended += done
    const places = processes * 10
    const { target, reason } = decide({ at: second * 1_000, backlog, ended, running: Math.round((done / (processes * each)) * places), places, processes })
    processes = target
    history.push({ processes, backlog, reason })
  }
  return history
}

test('an idle queue goes down to the fewest and stays there', () => {
  const history = simulate({ min: 1 }, (second) => (second < 30 ? 100 : 0), 900)
  expect(history.at(-1)?.processes).toBe(1)
  expect(new Set(history.slice(600).map(({ processes }) => processes))).toEqual(new Set([1]))
})

test('a step of load is met: the backlog is gone and stays gone', () => {
  const history = simulate({}, () => 100, 300)
  expect(history.slice(120).every(({ backlog }) => backlog < 100)).toBe(true)
  expect(history.at(-1)?.processes).toBeGreaterThanOrEqual(5)
  expect(history.at(-1)?.processes).toBeLessThanOrEqual(8)
})

test('a wave neither pins to the most nor makes processes come and go', () => {
  const history = simulate({}, (second) => Math.round(60 + 40 * Math.sin((2 * Math.PI * second) / 120)), 1_200)
  const calm = history.slice(240)
  expect(Math.max(...calm.map(({ processes }) => processes))).toBeLessThan(10)
  const turns = calm.filter(({ processes }, index) => index > 0 && processes !== calm[index - 1]?.processes).length
  expect(turns).toBeLessThanOrEqual(16)
})

test('more are added soon, fewer are taken away late and one by one', () => {
  const up = simulate({}, () => 200, 20)
  expect(up.findIndex(({ processes }) => processes > 1)).toBeLessThanOrEqual(6)
  const down = simulate({}, (second) => (second < 60 ? 200 : 0), 400).slice(60)
  for (const [index, { processes }] of down.entries()) if (index > 0) expect((down[index - 1]?.processes ?? 0) - processes).toBeLessThanOrEqual(1)
})

test('a decision always lies within its bounds and has a reason, whatever is seen', () => {
  const number = fc.oneof(fc.nat(1_000_000), fc.constantFrom(Number.POSITIVE_INFINITY, Number.NaN, -1))
  const sample = fc.record({ backlog: number, ended: fc.nat(100_000), running: fc.nat(100), places: fc.nat(100), processes: fc.integer({ min: 0, max: 12 }) })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.array(sample, { minLength: 1, maxLength: 50 }), (min, more, samples) => {
      const decide = createScaler({ ...defaultScaleRules, min, max: min + more })
      for (const [index, one] of samples.entries()) {
        const { target, reason } = decide({ ...one, at: index * 7_000 })
        expect(target).toBeGreaterThanOrEqual(min)
        expect(target).toBeLessThanOrEqual(min + more)
        expect(reason).not.toBe('')
      }
    }),
  )
})
