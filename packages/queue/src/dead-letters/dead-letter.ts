import type { Failure, JobMeta } from '../engine/stored-job.ts'
import type { SandboxRequest, SandboxRun } from './sandbox-run.ts'

export type DeadLetterState = 'open' | 'retried' | 'resolved'

/** A job that has failed for good. */
export interface DeadLetter {
  readonly id: string
  /** Of the job; a retried job keeps it. */
  readonly jobId: string
  readonly job: string
  readonly queue: string
  readonly payload: unknown
  readonly state: DeadLetterState
  /** Shared by failures of one cause. */
  readonly fingerprint: string
  readonly error: { readonly name: string; readonly message: string }
  /** Every attempt, the last 20 of them. */
  readonly failures: readonly Failure[]
  readonly attempts: number
  readonly tries: number
  readonly priority: number
  readonly meta: JobMeta
  /** W3C traceparent of the span that dispatched the job; undefined where nobody traced. */
  readonly trace: string | undefined
  /** Of the HTTP request that the job goes back to. */
  readonly requestId: string | undefined
  readonly note: string | undefined
  /** Who retried or resolved it. */
  readonly settledBy: string | undefined
  readonly settledAt: number | undefined
  readonly createdAt: number
  readonly failedAt: number
}

/** Failures of one cause. */
export interface DeadLetterGroup {
  readonly fingerprint: string
  readonly job: string
  readonly error: { readonly name: string; readonly message: string }
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** Which dead letters are meant; at least one member, `all: true` for every one. */
export interface DeadLetterSelection {
  readonly ids?: readonly string[]
  readonly fingerprint?: string
  readonly job?: string
  readonly queue?: string
  readonly all?: true
}

export interface DeadLetterFilter {
  readonly fingerprint?: string
  readonly job?: string
  readonly queue?: string
  /** Default: `open`. */
  readonly state?: DeadLetterState | 'all'
  /** Default: 50, at most 500. */
  readonly limit?: number
  /** Ids before this one: lists go from the latest back. */
  readonly before?: string
}

export interface RedriveOptions {
  /** Jobs a second. Default: all at once. */
  readonly rate?: number
  /** After so many that have failed for good again, the rest goes back to the dead letters. Default: never. */
  readonly stopAfter?: number
}

/** Who does something, for the audit trail. */
export interface Actor {
  readonly id: string | null
  readonly requestId?: string | null
  readonly ip?: string | null
}

/** What has failed for good, and what can be done about it. */
export interface DeadLetters {
  list(filter?: DeadLetterFilter): Promise<readonly DeadLetter[]>
  /** By cause, the most frequent first. */
  groups(filter?: Pick<DeadLetterFilter, 'job' | 'queue'>): Promise<readonly DeadLetterGroup[]>
  find(id: string): Promise<DeadLetter | undefined>
  /** Replaces the payload of an open one, after checking it. @throws `DEAD_LETTER_UNKNOWN`, `JOB_PAYLOAD_INVALID` */
  edit(id: string, payload: unknown, actor: Actor): Promise<DeadLetter>
  /**
   * Runs the job once, here and now, and keeps nothing of what it does: databases are rolled back, and what would leave the
   * process is captured. What cannot be held back is in docs/dead-letters.md.
   * @throws `DEAD_LETTER_UNKNOWN`, `JOB_UNKNOWN`, `DEAD_LETTER_OPTION_INVALID`, `SANDBOX_ANSWER_INVALID`; what the handler throws is an outcome
   */
  sandbox(id: string, request: SandboxRequest, actor: Actor): Promise<SandboxRun>
  /** Queues open ones again under their old ids, with all their attempts. */
  retry(selection: DeadLetterSelection, options: RedriveOptions, actor: Actor): Promise<{ readonly redrive: string; readonly count: number }>
  /** How a redrive is doing: how many it took, how many failed again, whether it stopped itself. */
  redrive(id: string): Promise<{ readonly id: string; readonly total: number; readonly failed: number; readonly state: 'open' | 'stopped' } | undefined>
  /** Closes open ones with a note: somebody has dealt with them. What waits for them is taken out. */
  resolve(selection: DeadLetterSelection, note: string, actor: Actor): Promise<number>
  /** Removes them without a trace but the audit's. */
  discard(selection: DeadLetterSelection, actor: Actor): Promise<number>
  /** Removes those that were retried or resolved before a time, in ms since the epoch. */
  purge(before: number): Promise<number>
}
