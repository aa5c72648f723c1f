import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { relativeError, Sketch, type EncodedSketch } from './sketch.ts'

const values = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 })
const of = (list: readonly number[]) => {
  const sketch = new Sketch()
  for (const value of list) sketch.add(value)
  return sketch
}
const exact = (list: readonly number[], q: number) =>
  list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * (list.length - 1) + 0.5))] as number

test('every quantile is within one percent of the value that stands there', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0, 0.5, 0.9, 0.95, 0.99, 1), (list, q) => {
      const wanted = exact(list, q)
      expect(Math.abs((of(list).quantile(q) as number) - wanted) / wanted).toBeLessThanOrEqual(relativeError + 1e-9)
    }),
  )
})

test('merged sketches say what one sketch of everything says, in whatever order and grouping, stored in between or not', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), fc.constantFrom(0.5, 0.95, 0.99), (parts, q) => {
      const all = of(parts.flat())
      const merged = new Sketch()
      for (const part of parts.toReversed()) merged.merge(Sketch.decode(JSON.parse(JSON.stringify(of(part).encode())) as EncodedSketch))
      expect(merged.count).toBe(all.count)
      expect(merged.max).toBe(all.max)
      expect(merged.sum).toBeCloseTo(all.sum, 3)
      expect(merged.quantile(q)).toBe(all.quantile(q))
    }),
  )
})

test('zero and nothing are values of their own, and what is no duration is left out', () => {
  const sketch = of([0, 0, 0, 5, Number.NaN, -1, Number.POSITIVE_INFINITY])
  expect(sketch.count).toBe(4)
  expect(sketch.quantile(0.5)).toBe(0)
  expect(sketch.quantile(1)).toBeCloseTo(5, 1)
  expect(new Sketch().quantile(0.5)).toBeUndefined()
})
