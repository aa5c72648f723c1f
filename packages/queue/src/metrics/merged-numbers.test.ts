import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MergedNumbers } from './merged-numbers.ts'
import { Numbers } from './numbers.ts'
import type { StoredNumbers } from './job-metrics.ts'
import type { Sketch } from './sketch.ts'

const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e9, noNaN: true }), fc.double({ min: 0.001, max: 10, noNaN: true }))
const attempt = fc.record({
  outcome: fc.constantFrom('completed' as const, 'retried' as const, 'failed' as const, 'released' as const),
  wait: value,
  run: value,
  cpu: fc.option(value),
})

/** What a sketch that counted everything itself says. */
function spread(sketch: Sketch) {
  if (sketch.count === 0) return undefined
  const at = (q: number) => sketch.quantile(q)
  return { count: sketch.count, mean: sketch.sum / sketch.count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sketch.max }
}

test('merged rows say what one process would that had counted all of it', () => {
  fc.assert(
    fc.property(fc.array(fc.array(attempt, { maxLength: 30 }), { maxLength: 12 }), (rows) => {
      const all = new Numbers()
      const merged = new MergedNumbers()
      for (const row of rows) {
        const numbers = new Numbers()
        for (const target of [all, numbers]) {
          for (const { outcome, wait, run, cpu } of row) {
            target.count(outcome)
            target.wait.add(wait)
            target.run.add(run)
            if (cpu !== null) target.cpu.add(cpu)
          }
        }
        merged.add(JSON.parse(numbers.encode()) as StoredNumbers)
      }
      const { attempts, throughputPerSecond, failureRatio, ...found } = merged.toJobNumbers('job', 'queue', 'database', 60)
      const [completed = 0, retried = 0, failed = 0] = all.attempts
      const judged = completed + retried + failed
      expect(attempts).toMatchObject({ completed, retried, failed })
      expect(throughputPerSecond).toBeCloseTo(judged / 60)
      expect(failureRatio).toBeCloseTo(judged === 0 ? 0 : (retried + failed) / judged)
      const rounded = (numbers: unknown) =>
        JSON.parse(JSON.stringify(numbers), (_, part) => (typeof part === 'number' ? Number(part.toPrecision(9)) : part)) as unknown
      const [waitSeconds, runSeconds, cpuSeconds, memoryGrowthBytes] = [all.wait, all.run, all.cpu, all.memory].map(spread)
      const expected = { job: 'job', queue: 'queue', connection: 'database', waitSeconds, runSeconds, cpuSeconds, memoryGrowthBytes }
      expect(rounded(found)).toEqual(rounded(expected))
    }),
  )
})
