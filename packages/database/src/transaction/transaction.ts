import { currentDatabases } from '../connection/databases.ts'
import { currentScope } from './scope.ts'
import type { TransactionOptions } from './transaction-options.ts'

/**
 * Runs `work` in a transaction on the default database: everything inside joins it, however deep. Commits when it
 * resolves, rolls back when it rejects. Inside another it is a savepoint, so it may fail on its own.
 *
 * @example
 * await transaction(async () => {
 *   await db.run(sql`update cars set stock = stock - 1 where id = ${id}`)
 *   afterCommit(() => mailer.send(…))
 * })
 *
 * @throws what `work` throws; `DEADLOCK` and `SERIALIZATION_FAILURE` when running it again did not help;
 * `COMMIT_OUTCOME_UNKNOWN`; `DATABASE_BUSY`; `DATABASE_UNREACHABLE`
 */
export function transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T> {
  return currentDatabases().default.transaction(work, options)
}

/** Whether a transaction is open here, on whichever database. */
export function inTransaction(): boolean {
  const scope = currentScope()
  return scope.transaction !== undefined
}

/**
 * Calls back when the outermost transaction here has committed – never when it is rolled back, and at once where none is
 * open. A callback that fails is logged: the transaction stays committed.
 */
export function afterCommit(callback: () => void | Promise<void>): void {
  const { transaction: open } = currentScope()
  if (open !== undefined) {
    open.requireOpen()
    open.onCommit(callback)
    return
  }
  const pending = callback()
  // There is nobody whom a rejection could be told.
  if (pending !== undefined) pending.catch((error: unknown) => currentDatabases().log.error({ err: error }, 'A callback of a transaction failed'))
}

/** Calls back when the transaction here, or the savepoint, is rolled back; never where none is open. */
export function afterRollback(callback: () => void | Promise<void>): void {
  const { transaction: open } = currentScope()
  if (open === undefined) return
  open.requireOpen()
  open.onRollback(callback)
}
