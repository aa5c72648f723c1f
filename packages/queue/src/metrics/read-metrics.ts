import type { Clock } from 'glueful'
import { resolutions, type Baseline, type JobNumbers, type MetricsWindow, type QueueMetrics, type Resolution, type StoredNumbers } from './job-metrics.ts'
import { Numbers } from './numbers.ts'

/** Numbers of one process at one time, as a store gives them. */
export interface KeptNumbers {
  readonly at: number
  readonly job: string
  readonly queue: string
  readonly connection: string
  readonly numbers: StoredNumbers
}

export type ReadNumbers = (window: MetricsWindow, resolution: Resolution) => Promise<readonly KeptNumbers[]>

const baselineMs = 7 * 86_400_000

/** What is said of numbers, wherever they are kept: those of all processes are merged. */
export function readMetrics(read: ReadNumbers, clock: Clock): Pick<QueueMetrics, 'summary' | 'series' | 'baselines'> {
  return {
    summary: async (window) => {
      const resolution = resolutionFor(window, clock.now())
      const seconds = (window.to - window.from) / 1_000
      return merge(await read(window, resolution), classOf)
        .map(({ row, numbers }) => numbers.toJobNumbers(row.job, row.queue, row.connection, seconds))
        .sort(byName)
    },
    series: async ({ resolution, ...window }) =>
      merge(await read(window, resolution), (row) => `${row.at}\n${classOf(row)}`)
        .map(({ row, numbers }) => ({ ...numbers.toJobNumbers(row.job, row.queue, row.connection, resolution), at: row.at }))
        .sort((a, b) => a.at - b.at || byName(a, b)),
    baselines: async () => {
      const now = clock.now()
      const rows = await read({ from: now - baselineMs, to: now }, 3_600)
      return merge(rows, classOf).flatMap(({ row, numbers }): Baseline[] => {
        const hours = new Set(rows.filter((other) => classOf(other) === classOf(row)).map(({ at }) => at)).size
        const { runSeconds, failureRatio } = numbers.toJobNumbers(row.job, row.queue, row.connection, 1)
        if (runSeconds === undefined) return []
        const { count, p50, p95 } = runSeconds
        return [{ job: row.job, queue: row.queue, samples: count, runP50Seconds: p50, runP95Seconds: p95, failureRatio, perHour: count / hours }]
      })
    },
  }
}

function merge(rows: readonly KeptNumbers[], keyOf: (row: KeptNumbers) => string): { readonly row: KeptNumbers; readonly numbers: Numbers }[] {
  const merged = new Map<string, { readonly row: KeptNumbers; readonly numbers: Numbers }>()
  for (const row of rows) {
    const key = keyOf(row)
    const found = merged.get(key)
    const numbers = Numbers.from(row.numbers)
    if (found === undefined) merged.set(key, { row, numbers })
    else found.numbers.merge(numbers)
  }
  return [...merged.values()]
}

const classOf = ({ job, queue, connection }: KeptNumbers) => `${connection}\n${queue}\n${job}`
const byName = (a: JobNumbers, b: JobNumbers) => (a.queue === b.queue ? (a.job < b.job ? -1 : 1) : a.queue < b.queue ? -1 : 1)

/** The finest that still has the whole window, and not more than a few hundred steps of it. */
function resolutionFor({ from, to }: MetricsWindow, now: number): Resolution {
  const found = resolutions.find(({ seconds, keptMs }) => from >= now - keptMs && (to - from) / (seconds * 1_000) <= 600)
  return found?.seconds ?? 3_600
}
