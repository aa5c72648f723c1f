import type { TrialQuery } from '@glueful/database'
import type { Duration, LogLevel, SandboxAnswer, SandboxEffect } from 'glueful'
import type { Failure } from '../engine/stored-job.ts'

/** How a dead letter is run once more without effects. */
export interface SandboxRequest {
  /** Instead of what is stored, and not kept. */
  readonly payload?: unknown
  /** What requests are answered, by `METHOD /path` or `METHOD https://host/path`. Default: 200 and `{}`. */
  readonly answers?: Readonly<Record<string, SandboxAnswer>>
  /** Default: the job's, at most 20 s; never more than 60 s, because locks are held meanwhile. */
  readonly timeout?: Duration
}

export interface SandboxLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
  /** ms since the run began. */
  readonly atMs: number
}

/** What became of a sandboxed run. Secrets are masked, and lists hold the first 200 of what their counts say. */
export interface SandboxRun {
  /** Of the dead letter, which stays as it is. */
  readonly id: string
  readonly job: string
  /** `released` and `buried` by what the handler returned. */
  readonly outcome: 'completed' | 'skipped' | 'released' | 'buried' | 'failed'
  readonly result?: unknown
  readonly error?: Failure
  /** Whether it failed for the cause that made it a dead letter. */
  readonly sameCause: boolean
  readonly durationMs: number
  /** What was held back, in order. */
  readonly effects: readonly SandboxEffect[]
  readonly effectCount: number
  /** What the databases were asked, without values; all of it was rolled back. */
  readonly queries: readonly TrialQuery[]
  readonly queryCount: number
  /** What was written to `ctx.log`. */
  readonly logs: readonly SandboxLine[]
  readonly logCount: number
}
