import { service, type Service } from '../../foundation/services/service.ts'
import type { Awaitable } from '../../http/context/stage.ts'

/** A rule as stores see it. */
export interface LimitRule {
  /** Counters of two rules with the same id are the same counters. */
  readonly id: string
  readonly algorithm: 'sliding' | 'fixed' | 'bucket' | 'calendar'
  /** How much is admitted in a window; of a bucket, what flows back in a window. */
  readonly attempts: number
  /** What a bucket holds; of the others, `attempts`. */
  readonly burst: number
  /** Of a calendar rule, the unit's usual length. */
  readonly windowMs: number
  readonly unit?: 'day' | 'month'
}

/** The wish to take `cost` from a subject's budget. */
export interface Claim {
  readonly rule: LimitRule
  readonly subject: string
  readonly cost: number
  /** What is left of the rule's limit under load, above 0 and up to 1. */
  readonly share: number
}

/** The state of one budget after a claim. */
export interface Verdict {
  /** Whether this rule admits the claim; a request is admitted when all of its rules do. */
  readonly admitted: boolean
  readonly limit: number
  /** Whole attempts that are left. */
  readonly remaining: number
  /** Until the whole budget is back, in ms. */
  readonly resetMs: number
  /** Until a claim of the same cost is admitted, in ms; 0 when the next one is. */
  readonly retryMs: number
}

/** A subject that is kept out for a while. */
export interface Block {
  readonly subject: string
  readonly remainingMs: number
}

/** Where budgets are kept. Every store passes the same conformance suite. */
export interface LimitStore {
  /** How long it may be silent before it counts as lost, in ms; more where it cannot be lost, as a file. Default: 40. */
  readonly patience?: number
  /**
   * Takes all claims of a request, or none where one of them is refused; atomic over all processes that share the store.
   * @returns a verdict for each claim, in order
   */
  take(claims: readonly Claim[]): Awaitable<readonly Verdict[]>
  /** Keeps a subject out for `ms`. */
  block(list: string, subject: string, ms: number): Awaitable<void>
  /** Everybody who is kept out now. */
  blocked(list: string): Awaitable<readonly Block[]>
}

/** Budgets in the application's database; a database package provides it. */
export const DatabaseLimitStore: Service<LimitStore> = service<LimitStore>('database-limit-store')
