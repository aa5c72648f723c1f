import { outcomes, type JobNumbers, type Outcome, type Spread, type StoredNumbers } from './job-metrics.ts'
import { relativeError, type EncodedSketch } from './sketch.ts'

const gamma = (1 + relativeError) / (1 - relativeError)
/** Where bins are added up, one sketch after the other: from a nanosecond to what no duration and no memory reaches. */
const lowest = -1_100
const highest = 2_000
const scratch = new Float64Array(highest - lowest + 1)

/**
 * Stored numbers of any processes and times, merged when they are asked for. Nothing is built for a row: a window has
 * thousands of them, most with a handful of bins.
 */
export class MergedNumbers {
  private readonly rows: StoredNumbers[] = []

  add(row: StoredNumbers): void {
    this.rows.push(row)
  }

  toJobNumbers(job: string, queue: string, connection: string, seconds: number): JobNumbers {
    const { rows } = this
    const attempts = Object.fromEntries(outcomes.map((outcome, index) => [outcome, rows.reduce((sum, row) => sum + (row.attempts[index] ?? 0), 0)])) as Record<
      Outcome,
      number
    >
    const judged = attempts.completed + attempts.retried + attempts.failed
    const spreadOf = (name: 'wait' | 'run' | 'cpu' | 'memory') => spread(rows.map((row) => row[name]))
    return {
      job,
      queue,
      connection,
      attempts,
      throughputPerSecond: seconds <= 0 ? 0 : judged / seconds,
      failureRatio: judged === 0 ? 0 : (attempts.retried + attempts.failed) / judged,
      waitSeconds: spreadOf('wait'),
      runSeconds: spreadOf('run'),
      cpuSeconds: spreadOf('cpu'),
      memoryGrowthBytes: spreadOf('memory'),
    }
  }
}

function spread(sketches: readonly EncodedSketch[]): Spread | undefined {
  let zeros = 0
  let sum = 0
  let max = 0
  let count = 0
  let low = highest
  let high = lowest
  for (const [ownZeros, ownSum, ownMax, pairs] of sketches) {
    zeros += ownZeros
    sum += ownSum
    if (ownMax > max) max = ownMax
    for (let at = 0; at < pairs.length; at += 2) {
      const index = Math.min(highest, Math.max(lowest, pairs[at] as number))
      const times = pairs[at + 1] as number
      if (index < low) low = index
      if (index > high) high = index
      ;(scratch[index - lowest] as number) += times
      count += times
    }
  }
  count += zeros
  const [p50 = 0, p95 = 0, p99 = 0] = quantiles([0.5, 0.95, 0.99], { zeros, count, max, low, high })
  if (low <= high) scratch.fill(0, low - lowest, high - lowest + 1)
  return count === 0 ? undefined : { count, mean: sum / count, p50, p95, p99, max }
}

interface Sums {
  readonly zeros: number
  readonly count: number
  readonly max: number
  readonly low: number
  readonly high: number
}

/** Of the bins in `scratch`; ascending, in one pass. */
function quantiles(asked: readonly number[], { zeros, count, max, low, high }: Sums): number[] {
  let seen = zeros
  let index = low - 1
  return asked.map((q) => {
    const rank = Math.min(count - 1, Math.floor(q * (count - 1) + 0.5))
    if (rank < zeros) return 0
    while (seen <= rank && index < high) seen += scratch[++index - lowest] as number
    return Math.min(max, (2 * gamma ** index) / (gamma + 1))
  })
}
