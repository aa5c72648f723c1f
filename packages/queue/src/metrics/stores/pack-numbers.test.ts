import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StoredNumbers } from '../job-metrics.ts'
import { Numbers } from '../numbers.ts'
import { packNumbers, unpackNumbers } from './pack-numbers.ts'

const stored = (numbers: Numbers) => JSON.parse(numbers.encode()) as StoredNumbers
const values = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e12, noNaN: true })), { maxLength: 60 })

test('what is unpacked is what was packed, whatever was counted', () => {
  fc.assert(
    fc.property(values, values, values, values, fc.integer({ min: 1, max: 1e9 }), (wait, run, cpu, memory, times) => {
      const numbers = new Numbers()
      for (const one of wait) numbers.wait.add(one)
      for (const one of run) {
        numbers.run.add(one, times)
        numbers.count('completed')
      }
      for (const one of cpu) numbers.cpu.add(one)
      for (const one of memory) numbers.memory.add(one)
      expect(unpackNumbers(packNumbers(stored(numbers)))).toEqual(stored(numbers))
    }),
  )
})

test('a minute of a busy class takes less than half of its JSON', () => {
  const numbers = new Numbers()
  for (let index = 0; index < 2_000; index++) {
    numbers.count('completed')
    numbers.wait.add(0.005 * Math.exp((index % 97) / 40))
    numbers.run.add(0.01 * Math.exp((index % 89) / 30))
  }
  expect(packNumbers(stored(numbers)).length).toBeLessThan(numbers.encode().length / 2)
})
