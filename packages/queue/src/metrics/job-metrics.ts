import type { Settlement } from '../engine/engine.ts'
import type { NetworkRate } from './network.ts'
import type { EncodedSketch } from './sketch.ts'

/** How finely, and for how long, numbers are kept. */
export const resolutions = [
  { seconds: 1, keptMs: 15 * 60_000 },
  { seconds: 60, keptMs: 48 * 3_600_000 },
  { seconds: 3_600, keptMs: 90 * 86_400_000 },
  { seconds: 86_400, keptMs: 90 * 86_400_000 },
] as const

export type Resolution = (typeof resolutions)[number]['seconds']

/** What became of attempts; their names are those of the metric's label. */
export const outcomes = ['completed', 'retried', 'failed', 'released', 'cancelled'] as const
export type Outcome = (typeof outcomes)[number]

export const outcomeOf: Readonly<Record<Settlement['kind'], Outcome>> = {
  complete: 'completed',
  retry: 'retried',
  bury: 'failed',
  release: 'released',
  cancel: 'cancelled',
}

export interface Spread {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Numbers of one job class in one queue of one engine over a time; durations in seconds. */
export interface JobNumbers {
  readonly job: string
  readonly queue: string
  readonly connection: string
  /** Attempts by what became of them. `failed` is for good; each attempt counts, also when it is tried again. */
  readonly attempts: Readonly<Record<Outcome, number>>
  /** Attempts that ended, a second. */
  readonly throughputPerSecond: number
  /** The part of attempts that were retried or failed, from 0 to 1. */
  readonly failureRatio: number
  /** From the earliest start to the start of the attempt. */
  readonly waitSeconds: Spread | undefined
  /** Of an attempt, waits between attempts not included. */
  readonly runSeconds: Spread | undefined
  /** Time on a core; measured while the job has its process to itself, so of some of the attempts. */
  readonly cpuSeconds: Spread | undefined
  /** By how much the heap and buffers of the process grew; measured likewise. */
  readonly memoryGrowthBytes: Spread | undefined
}

export interface MetricsWindow {
  /** ms since the epoch. */
  readonly from: number
  readonly to: number
  readonly job?: string
  readonly queue?: string
}

/** Numbers as they are stored. */
export interface StoredNumbers {
  readonly attempts: readonly number[]
  readonly wait: EncodedSketch
  readonly run: EncodedSketch
  readonly cpu: EncodedSketch
  readonly memory: EncodedSketch
}

/** What is usual for a job class, from its last seven days. */
export interface Baseline {
  readonly job: string
  readonly queue: string
  readonly samples: number
  readonly runP50Seconds: number
  readonly runP95Seconds: number
  readonly failureRatio: number
  /** Since it was first seen in that time. */
  readonly perHour: number
}

export interface DepthSample {
  readonly at: number
  readonly queue: string
  readonly waiting: number
  readonly delayed: number
  readonly active: number
  /** Of the job that has been ready longest. */
  readonly oldestSeconds: number
}

export interface HostRecord {
  readonly host: string
  readonly at: number
  /** Used part of all cores since the last look, from 0 to 1. */
  readonly cpuRatio: number
  readonly load1: number
  readonly cores: number
  readonly memoryUsedBytes: number
  readonly memoryTotalBytes: number
  readonly diskUsedBytes: number
  readonly diskTotalBytes: number
  /** Of all interfaces but the loopback since the last look; undefined at first, and where the host does not tell. */
  readonly network: NetworkRate | undefined
}

export interface QueueMetrics {
  /** Each job class in each queue over a time, at the finest resolution that still covers it. */
  summary(window: MetricsWindow): Promise<readonly JobNumbers[]>
  /** The same, step by step. */
  series(window: MetricsWindow & { readonly resolution: Resolution }): Promise<readonly (JobNumbers & { readonly at: number })[]>
  depths(window: Omit<MetricsWindow, 'job'>): Promise<readonly DepthSample[]>
  baselines(): Promise<readonly Baseline[]>
  hosts(): Promise<readonly HostRecord[]>
}
