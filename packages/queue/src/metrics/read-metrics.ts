import type { Clock } from 'glueful'
import { coverOf } from './cover.ts'
import type { Baseline, JobNumbers, MetricsWindow, QueueMetrics, Resolution, StoredNumbers } from './job-metrics.ts'
import { MergedNumbers } from './merged-numbers.ts'

/** Numbers of one process at one time, as a store gives them. */
export interface KeptNumbers {
  readonly at: number
  readonly job: string
  readonly queue: string
  readonly connection: string
  readonly numbers: StoredNumbers
}

export type ReadNumbers = (window: MetricsWindow, resolution: Resolution) => Promise<readonly KeptNumbers[]>

/** The rows of one class, or of one step of it. */
interface Merged {
  readonly row: KeptNumbers
  readonly numbers: MergedNumbers
  /** Begin of the earliest row, and how long that one is. */
  first: { readonly at: number; readonly resolution: Resolution }
}

const hourMs = 3_600_000
const baselineMs = 7 * 24 * hourMs

/** What is said of numbers, wherever they are kept: those of all processes are merged. */
export function readMetrics(read: ReadNumbers, clock: Clock): Pick<QueueMetrics, 'summary' | 'series' | 'baselines'> {
  /** The classes of a window, each time of it counted once. */
  async function classes(window: MetricsWindow): Promise<Merged[]> {
    const stretches = coverOf(window, clock.now())
    const parts = await Promise.all(stretches.map(({ resolution, from, to }) => read({ ...window, from, to }, resolution)))
    const merged = new Map<string, Merged>()
    for (const [index, rows] of parts.entries()) merge(merged, rows, stretches[index]?.resolution ?? 1, classOf)
    return [...merged.values()]
  }

  /** The hour in which a class was first seen; one that began in these days may have no finer row than that of its day. */
  async function firstSeen({ first: { at, resolution }, row: { job, queue } }: Merged): Promise<number> {
    if (resolution !== 86_400) return at
    const hours = await read({ from: at, to: at + 24 * hourMs, job, queue }, 3_600)
    return hours.length === 0 ? at : Math.min(...hours.map((hour) => hour.at))
  }

  return {
    summary: async (window) => {
      const seconds = (window.to - window.from) / 1_000
      return (await classes(window)).map(({ row, numbers }) => numbers.toJobNumbers(row.job, row.queue, row.connection, seconds)).sort(byName)
    },
    series: async ({ resolution, ...window }) => {
      const merged = new Map<string, Merged>()
      merge(merged, await read(window, resolution), resolution, (row) => `${row.at}\n${classOf(row)}`)
      return [...merged.values()]
        .map(({ row, numbers }) => ({ ...numbers.toJobNumbers(row.job, row.queue, row.connection, resolution), at: row.at }))
        .sort((a, b) => a.at - b.at || byName(a, b))
    },
    baselines: async () => {
      const now = clock.now()
      const merged = await classes({ from: now - baselineMs, to: now })
      const begins = await Promise.all(merged.map(firstSeen))
      return merged.flatMap(({ row, numbers }, index): Baseline[] => {
        const hours = Math.max(1, (now - (begins[index] ?? now)) / hourMs)
        const { runSeconds, failureRatio } = numbers.toJobNumbers(row.job, row.queue, row.connection, 1)
        if (runSeconds === undefined) return []
        const { count, p50, p95 } = runSeconds
        return [{ job: row.job, queue: row.queue, samples: count, runP50Seconds: p50, runP95Seconds: p95, failureRatio, perHour: count / hours }]
      })
    },
  }
}

function merge(merged: Map<string, Merged>, rows: readonly KeptNumbers[], resolution: Resolution, keyOf: (row: KeptNumbers) => string): void {
  for (const row of rows) {
    const key = keyOf(row)
    let found = merged.get(key)
    if (found === undefined) merged.set(key, (found = { row, numbers: new MergedNumbers(), first: { at: row.at, resolution } }))
    else if (row.at < found.first.at) found.first = { at: row.at, resolution }
    found.numbers.add(row.numbers)
  }
}

const classOf = ({ job, queue, connection }: KeptNumbers) => `${connection}\n${queue}\n${job}`
const byName = (a: JobNumbers, b: JobNumbers) => (a.queue === b.queue ? (a.job < b.job ? -1 : 1) : a.queue < b.queue ? -1 : 1)
