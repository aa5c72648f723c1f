import { service, type Service } from './services/service.ts'

/**
 * The application's database transactions, for parts that know no database: an answer that is stored for an
 * Idempotency-Key or an audit row commits with the handler's own writes, or not at all.
 */
export interface Transactions {
  /** Runs `work` in a transaction that everything inside joins; commits when it resolves, rolls back when it rejects. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work` as if no transaction were open here: for what starts inside one and goes on by itself. */
  outside<T>(work: () => T): T
  /** Whether a transaction is open here. */
  readonly active: boolean
  /** Called after the outermost transaction has committed; at once where none is open. */
  afterCommit(callback: () => void | Promise<void>): void
}

/** Provided by a database package; `runtime.provides(Transactions)` tells whether there is one. */
export const Transactions: Service<Transactions> = service<Transactions>('transactions')
