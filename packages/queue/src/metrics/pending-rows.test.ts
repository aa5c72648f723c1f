import { expect, test } from 'vitest'
import type { Resolution } from './job-metrics.ts'
import type { NumbersRow } from './metrics-store.ts'
import { createPendingRows } from './pending-rows.ts'

const row = (resolution: Resolution, at: number, numbers: string): NumbersRow => ({
  resolution,
  at,
  job: 'work',
  queue: 'default',
  connection: 'database',
  source: 'p1',
  numbers,
})

test('of each key the latest is kept, also when an older one comes back that was not written', () => {
  const pending = createPendingRows()
  pending.add(row(1, 0, 'first'))
  const taken = pending.take()
  expect(pending.take()).toEqual([])
  pending.add(row(1, 0, 'second'))
  expect(pending.giveBack([...taken, row(60, 0, 'minute')])).toBe(0)
  expect(pending.take().map(({ numbers }) => numbers)).toEqual(['second', 'minute'])
})

test('when too much waits, the oldest seconds are given up, and minutes when there are no seconds left', () => {
  const pending = createPendingRows(100)
  const text = 'x'.repeat(10)
  const minutes = Array.from({ length: 5 }, (_, index) => row(60, index * 60_000, text))
  const seconds = Array.from({ length: 9 }, (_, index) => row(1, index * 1_000, text))
  expect(pending.giveBack([...seconds, ...minutes])).toBe(4)
  const kept = pending.take()
  expect(kept.filter(({ resolution }) => resolution === 60)).toHaveLength(5)
  expect(kept.filter(({ resolution }) => resolution === 1).map(({ at }) => at)).toEqual([4_000, 5_000, 6_000, 7_000, 8_000])
  expect(pending.giveBack(Array.from({ length: 12 }, (_, index) => row(60, index * 60_000, text)))).toBe(2)
})
