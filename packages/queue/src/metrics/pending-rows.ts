import { resolutions } from './job-metrics.ts'
import type { NumbersRow } from './metrics-store.ts'

/** In characters; some 10,000 rows. */
const usualMost = 16_000_000

/**
 * Rows that wait to be written, the latest of each key. While the store is away for long, the finest ones are given up
 * first, since the coarser ones hold the same.
 */
export function createPendingRows(most = usualMost) {
  const rows = new Map<string, NumbersRow>()
  let size = 0
  const drop = (key: string, row: NumbersRow) => {
    rows.delete(key)
    size -= row.numbers.length
  }
  const add = (row: NumbersRow) => {
    const key = keyOf(row)
    size += row.numbers.length - (rows.get(key)?.numbers.length ?? 0)
    rows.set(key, row)
  }
  return {
    add,
    take(): readonly NumbersRow[] {
      const taken = [...rows.values()]
      rows.clear()
      size = 0
      return taken
    },
    /** Back come those that were not written and have not been counted anew; says how many are given up. */
    giveBack(taken: readonly NumbersRow[]): number {
      for (const row of taken) if (!rows.has(keyOf(row))) add(row)
      let dropped = 0
      for (const { seconds } of resolutions) {
        const oldest = size <= most ? [] : [...rows].filter(([, row]) => row.resolution === seconds).sort(([, a], [, b]) => a.at - b.at)
        for (const [key, row] of oldest) {
          if (size <= most) break
          drop(key, row)
          dropped++
        }
      }
      return dropped
    },
  }
}

const keyOf = ({ resolution, at, job, queue, source }: NumbersRow) => `${resolution}/${at}/${source}/${queue}\n${job}`
