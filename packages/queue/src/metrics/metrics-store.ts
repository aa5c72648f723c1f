import type { QueueDepth } from '../engine/engine.ts'
import type { DepthSample, HostRecord, QueueMetrics, Resolution } from './job-metrics.ts'

export interface NumbersRow {
  readonly resolution: Resolution
  readonly at: number
  readonly job: string
  readonly queue: string
  readonly connection: string
  /** The process that counted. */
  readonly source: string
  /** As `Numbers` encodes them. */
  readonly numbers: string
}

/**
 * Keeps numbers: in the application's database, or in Redis where that carries the jobs. What is written twice under one
 * resolution, time, class, queue and source is the later one. One suite holds both to the same words.
 */
export interface MetricsStore extends QueueMetrics {
  /** What `work` writes goes together where the store can do that, and so costs what one write does. */
  together(work: () => Promise<void>): Promise<void>
  write(rows: readonly NumbersRow[]): Promise<void>
  writeDepths(depths: readonly QueueDepth[], at: number): Promise<void>
  writeHost(host: HostRecord): Promise<void>
  /** Removes what has had its time. */
  prune(now: number): Promise<void>
}

/** Depths are written at multiples of this. */
export const depthStepMs = 10_000
export const depthKeptMs = 48 * 3_600_000
export const hostKeptMs = 86_400_000
/** Samples of depths that one answer holds. */
export const mostDepths = 2_000

/** A queue as it stood at a time. */
export function toDepthSample({ queue, states, oldestAt }: QueueDepth, at: number, now: number): DepthSample {
  return {
    at,
    queue,
    waiting: (states.waiting ?? 0) + (states.grouped ?? 0) + (states.suspect ?? 0),
    delayed: states.delayed ?? 0,
    active: states.active ?? 0,
    oldestSeconds: oldestAt === undefined ? 0 : Math.max(0, Math.round(now - oldestAt)) / 1_000,
  }
}
