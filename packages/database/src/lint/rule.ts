import type { Dialect } from '../sql/dialect.ts'
import type { Effect } from './effect.ts'

/** What the lint knows while it looks at an effect. */
export interface RuleContext {
  readonly dialect: Dialect
  /** The migration runs in a transaction. */
  readonly transactional: boolean
  readonly reversible: boolean
  /** Made by what is being migrated, so that nobody uses it yet and it has few rows. */
  isNew(table: string): boolean
  /** What the running release uses: tables and columns of its models, in lower case; undefined where nothing is known of the table. */
  columnsInUse(table: string): ReadonlySet<string> | undefined
  /** The type of a column before the migration, where it is known. */
  typeOf(table: string, column: string): string | undefined
  /** Constraints on the column's not being null that all rows are known to meet. */
  isKnownNotNull(table: string, column: string): boolean
  /** Constraints added earlier in the same migration without looking at the rows. */
  isFreshConstraint(table: string, name: string): boolean
  /** What the migration has done before. */
  readonly before: readonly Effect[]
  /** In ms; 0 waits for ever. */
  readonly lockTimeout: number
}

/** `error` stops `glueful migrate` in production. */
export type Severity = 'error' | 'warning'

export interface Verdict {
  readonly severity: Severity
  /** What would happen. */
  readonly problem: string
  /** How to do it safely. */
  readonly recipe: string
}

/** One thing that the lint knows: looks at an effect and says what is wrong with it, if anything. */
export interface Rule {
  readonly name: string
  check(effect: Effect, context: RuleContext): Verdict | undefined
}

export const error = (problem: string, recipe: string): Verdict => ({ severity: 'error', problem, recipe })
export const warning = (problem: string, recipe: string): Verdict => ({ severity: 'warning', problem, recipe })
