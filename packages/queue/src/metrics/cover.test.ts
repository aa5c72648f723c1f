import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coverOf } from './cover.ts'
import { resolutions } from './job-metrics.ts'

const now = Date.UTC(2026, 10, 26, 17, 34, 21, 345)
const day = 86_400_000
const ago = fc.oneof(fc.integer({ min: 0, max: 900_000 }), fc.integer({ min: 0, max: 2 * day }), fc.integer({ min: 0, max: 80 * day }))

test('each time of a window is read once, from rows that are still kept', () => {
  fc.assert(
    fc.property(ago, ago, fc.boolean(), fc.array(ago, { maxLength: 200 }), (one, other, isOver, events) => {
      const from = now - Math.max(one, other)
      const to = isOver ? now - Math.min(one, other) : now
      const cover = coverOf({ from, to }, now)
      for (const { resolution, from: begin } of cover)
        expect(begin).toBeGreaterThanOrEqual(now - (resolutions.find(({ seconds }) => seconds === resolution)?.keptMs ?? 0))
      const finest = Math.min(...cover.map(({ resolution }) => resolution), Infinity) * 1_000
      for (const at of [...events.map((ms) => now - ms), from, to]) {
        const found = cover.filter(({ resolution, from: begin, to: end }) => {
          const row = Math.floor(at / (resolution * 1_000)) * resolution * 1_000
          return row >= begin && row < end
        })
        const row = Math.floor(at / finest) * finest
        const isWithin = row >= from && row < to && at <= now
        if (finest !== Infinity) expect(found).toHaveLength(isWithin ? 1 : 0)
      }
    }),
    { numRuns: 500 },
  )
})

test('a window is a few dozen rows of a class, whatever its length', () => {
  for (const seconds of [60, 300, 900, 3_599, 3_600, 36_000, 86_400, 172_800, 604_800, 30 * 86_400, 90 * 86_400]) {
    for (const late of [0, 1_800_000, day / 2]) {
      const end = now + late
      const rows = coverOf({ from: end - seconds * 1_000, to: end }, end).reduce(
        (sum, { resolution, from, to }) => sum + Math.ceil((to - from) / (resolution * 1_000)),
        0,
      )
      expect([seconds, rows <= 145]).toEqual([seconds, true])
    }
  }
})
