import { AsyncLocalStorage } from 'node:async_hooks'
import type { Databases } from '../connection/databases.ts'
import type { RequestUse } from '../observe/request-use.ts'
import type { OpenTransaction } from './open-transaction.ts'

/** What is known at a place in the program without being handed on: carried by async context. */
export interface Scope {
  readonly databases: Databases | undefined
  readonly use: RequestUse | undefined
  /** The innermost transaction open here, of whichever database. */
  readonly transaction: OpenTransaction | undefined
  /** In a trial: for each database the transaction that all joins which is in none, and that is rolled back. */
  readonly trial?: ReadonlyMap<object, OpenTransaction> | undefined
}

const storage = new AsyncLocalStorage<Scope>()
const nothing: Scope = { databases: undefined, use: undefined, transaction: undefined }

export function currentScope(): Scope {
  return storage.getStore() ?? nothing
}

export function runInScope<T>(scope: Scope, work: () => T): T {
  return storage.run(scope, work)
}

/**
 * Runs `work` as if no transaction were open: for what is started inside one but must not belong to it, such as a loop
 * that lives on, or a log of attempts that stays when the transaction is rolled back. Nothing leaves a trial: there it is
 * a part of what is open.
 */
export function outsideTransaction<T>(work: () => T): T {
  const scope = currentScope()
  return scope.transaction === undefined || scope.trial !== undefined ? work() : runInScope({ ...scope, transaction: undefined }, work)
}

/**
 * Runs `work` as if no request had asked for it: for what the framework itself keeps in the database. Neither does it count
 * among the request's queries, nor does the request read from the primary because of it, nor does it join a transaction.
 */
export function outsideRequest<T>(work: () => T): T {
  const { trial, transaction, databases } = currentScope()
  return runInScope(trial === undefined ? nothing : { databases, use: undefined, transaction, trial }, work)
}
