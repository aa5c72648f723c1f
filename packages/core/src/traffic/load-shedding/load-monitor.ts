import { monitorEventLoopDelay } from 'node:perf_hooks'
import { service, type Service } from '../../foundation/services/service.ts'

/** How loaded this process is. */
export interface LoadMonitor {
  /** How late the event loop ran lately, in ms. */
  readonly lagMs: number
  /** The 99th percentile of the time that answers took lately, in ms; 0 while there are too few to tell. */
  readonly latencyMs: number
  /** Counts an answer. */
  observe(durationMs: number): void
}

/** The application's; tests swap it. */
export const LoadMonitor: Service<LoadMonitor> = service<LoadMonitor>('load-monitor')

/** How long one measurement is, in ms; what counts are the last two. */
const span = 500
/** Below, a percentile says nothing. */
const fewest = 20
const bounds = [5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000]

export interface OwnLoadMonitor extends LoadMonitor {
  stop(): void
}

/** Measures from when it is first asked, by a timer each half second that keeps no process alive. */
export function createLoadMonitor(): OwnLoadMonitor {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  let timer: NodeJS.Timeout | undefined
  let lagMs = 0
  let latencyMs = 0
  let before = new Uint32Array(bounds.length + 1)
  let counts = new Uint32Array(bounds.length + 1)

  function start(): void {
    delay.enable()
    timer = setInterval(measure, span)
    timer.unref()
  }

  function measure(): void {
    // The histogram holds the time between two checks, which is 10 ms without any lag.
    lagMs = delay.count === 0 ? 0 : Math.max(0, delay.percentile(90) / 1e6 - 10)
    delay.reset()
    const sum = counts.reduce((total, count) => total + count, 0) + before.reduce((total, count) => total + count, 0)
    latencyMs = sum < fewest ? 0 : percentile(sum)
    ;[before, counts] = [counts, before]
    counts.fill(0)
  }

  function percentile(sum: number): number {
    let above = Math.floor(sum * 0.01)
    for (let i = bounds.length; i > 0; i--) {
      above -= (counts[i] as number) + (before[i] as number)
      if (above < 0) return bounds[i] ?? (bounds.at(-1) as number)
    }
    return bounds[0] as number
  }

  return {
    get lagMs() {
      if (timer === undefined) start()
      return lagMs
    },
    get latencyMs() {
      return latencyMs
    },
    observe(durationMs) {
      let at = 0
      while (at < bounds.length && durationMs > (bounds[at] as number)) at++
      ;(counts[at] as number)++
    },
    stop() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
