import type { Awaitable, CheckReport } from 'glueful'
import type { Dialect } from '../sql/dialect.ts'
import type { StatementDescription } from '../sql/describe-statement.ts'

/** What a statement gives: rows as arrays, in the order of `columns`. */
export interface Rows {
  /** The same array for each execution of a text, so that it may serve as a key. */
  readonly columns: readonly string[]
  readonly rows: unknown[][]
  /** Rows changed by a statement that returns none, rows returned otherwise. */
  readonly rowCount: number
  /** The generated key of the first row inserted, where the database tells (MySQL, SQLite). */
  readonly insertId?: number | bigint | undefined
  /** How far the keys of rows inserted together are apart. Default: 1. */
  readonly insertStep?: number | undefined
  /** For each column what `all` and `first` make of its values; undefined where they stay as they are. */
  readonly decoders?: readonly (((value: unknown) => unknown) | undefined)[] | undefined
}

export type Isolation = 'read committed' | 'repeatable read' | 'serializable'

export interface BeginOptions {
  readonly isolation?: Isolation | undefined
  readonly readOnly?: boolean | undefined
}

/** One connection to a database; statements run one after the other. */
export interface Session {
  execute(text: string, params: readonly unknown[], statement: StatementDescription): Awaitable<Rows>
  /** Rows as they come, `size` at a time; the session is taken until the iteration ends. */
  batches(text: string, params: readonly unknown[], size: number): AsyncIterable<Rows>
  /** Several statements without values, as migrations have them. */
  script(text: string): Awaitable<void>
  begin(options: BeginOptions): Awaitable<void>
  /** @throws `TRANSACTION_ABORTED` when the database has rolled back instead, `COMMIT_OUTCOME_UNKNOWN` when nobody can tell */
  commit(): Awaitable<void>
  rollback(): Awaitable<void>
  close(): Awaitable<void>
  /** How long the last statement kept the session busy, in ms, where that is less than the time since it was sent. */
  readonly lastMs?: number | undefined
  /** True when nothing more can be done with it. */
  readonly broken: boolean
}

/** What a session is wanted for: a single statement that reads (and has always been quick) or writes, a cursor, or a transaction. */
export type Purpose = 'quick-read' | 'read' | 'write' | 'cursor' | 'transaction' | 'read-transaction'

export interface Usage {
  readonly inUse: number
  readonly idle: number
  readonly waiting: number
}

export type Subscribe = (channel: string, onMessage: (payload: string) => void, onGap?: () => void) => Promise<() => Promise<void>>

/** A way to one database: gives out sessions and takes them back. */
export interface Driver {
  readonly dialect: Dialect
  /** @throws `DATABASE_BUSY` when none becomes free in time, `DATABASE_UNREACHABLE` when none can be opened */
  /** `onPrimary`: reads what has just been written, so that no replica will do. */
  acquire(purpose: Purpose, onPrimary?: boolean): Awaitable<Session>
  release(session: Session): void
  usage(): Usage
  /** Listens to a channel, where the database has any; see `Database.subscribe`. */
  readonly subscribe?: Subscribe | undefined
  /** Opens what must be there from the start. */
  start(): Awaitable<void>
  /** Asks the database something, on a connection of its own if all are taken. */
  check(): Awaitable<void | CheckReport>
  close(): Awaitable<void>
}
