import type { Isolation } from '../driver/driver.ts'

/** How a transaction runs; only the outermost one has a choice. */
export interface TransactionOptions {
  /** Default: the database's own (PostgreSQL: read committed; MySQL: repeatable read). SQLite is always serializable. */
  readonly isolation?: Isolation
  /** Refuses writes, and may be served by a replica. Default: false. */
  readonly readOnly?: boolean
  /**
   * How often `work` is run again, from its beginning, after the database has rolled it back because of others
   * (deadlock, serialisation failure). 0 for work that must not be repeated. Default: 3.
   */
  readonly retries?: number
}
