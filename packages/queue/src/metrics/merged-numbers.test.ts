import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MergedNumbers } from './merged-numbers.ts'
import { Numbers } from './numbers.ts'
import type { StoredNumbers } from './job-metrics.ts'

const value = fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 1e9, noNaN: true }), fc.double({ min: 0.001, max: 10, noNaN: true }))
const attempt = fc.record({
  outcome: fc.constantFrom('completed' as const, 'retried' as const, 'failed' as const, 'released' as const),
  wait: value,
  run: value,
  cpu: fc.option(value),
})

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
      const [found, expected] = [merged, all].map((one) => one.toJobNumbers('job', 'queue', 'database', 60))
      const rounded = (numbers: typeof found) =>
        JSON.parse(JSON.stringify(numbers), (_, part) => (typeof part === 'number' ? Number(part.toPrecision(9)) : part))
      expect(rounded(found)).toEqual(rounded(expected))
    }),
  )
})
