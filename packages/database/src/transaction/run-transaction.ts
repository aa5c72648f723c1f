import { GluefulError, type Awaitable, type Logger } from 'glueful'
import type { Driver, Session } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import type { TransactionOutcome } from '../observe/query-metrics.ts'
import { describeStatement } from '../sql/describe-statement.ts'
import type { WrittenTable } from '../sql/written-tables.ts'
import { OpenTransaction } from './open-transaction.ts'
import { currentScope, runInScope } from './scope.ts'
import type { TransactionOptions } from './transaction-options.ts'

/** What this package asks for besides: a transaction that is rolled back in any case. */
export interface TrialOptions extends TransactionOptions {
  readonly trial?: true
}

/** What a transaction needs of the database that it is for. */
export interface TransactionParts {
  readonly owner: object
  readonly driver: Driver
  readonly acquireTimeout: number
  readonly log: Logger
  /** The transaction of the same database that is open here. */
  readonly open: () => OpenTransaction | undefined
  /** Told when one has begun that may write. */
  readonly began: () => void
  /** Whether a read-only transaction must see what was written here before. */
  readonly readsPrimary: () => boolean
  readonly count: (outcome: TransactionOutcome) => void
  /** Told what was written to once it is committed, or may be. */
  readonly written: (tables: Iterable<WrittenTable>) => Awaitable<void>
}

/** Runs `work` in a transaction, or in a savepoint where one is open. */
export function runTransaction<T>(parts: TransactionParts, work: () => Promise<T>, options: TrialOptions): Promise<T> {
  const outer = parts.open()
  return outer === undefined ? retried(parts, work, options) : nested(parts, outer, work, options)
}

const firstPause = 20
const defaultRetries = 3

/** Only what the database has certainly rolled back, because of others, is tried again. */
async function retried<T>(parts: TransactionParts, work: () => Promise<T>, options: TrialOptions): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await outermost(parts, work, options)
    } catch (error) {
      if (!isRolledBackByOthers(error) || attempt >= (options.retries ?? defaultRetries)) throw error
      parts.count('retried')
      parts.log.debug({ err: error, attempt: attempt + 1 }, 'A transaction is run again')
    }
    await new Promise((resolve) => void setTimeout(resolve, firstPause * 2 ** attempt * Math.random()))
  }
}

/** A deadlock or serialisation failure: nothing of the transaction is left, and running it again may succeed. */
export function isRolledBackByOthers(error: unknown): boolean {
  return error instanceof GluefulError && (error.code === 'DEADLOCK' || error.code === 'SERIALIZATION_FAILURE')
}

async function outermost<T>(parts: TransactionParts, work: () => Promise<T>, options: TrialOptions): Promise<T> {
  const { owner, driver } = parts
  const readOnly = options.readOnly ?? false
  const session = await driver.acquire(readOnly ? 'read-transaction' : 'transaction', readOnly && parts.readsPrimary())
  const transaction = new OpenTransaction({ owner, session, depth: 0, readOnly, enclosing: currentScope().transaction, isTrial: options.trial === true })
  let result: T
  try {
    await session.begin({ isolation: options.isolation, readOnly })
    if (!readOnly) parts.began()
    result = await inside(transaction, work)
    await session.commit()
  } catch (error) {
    await rollBack(session, parts)
    driver.release(session)
    parts.count(isUnknown(error) ? 'unknown' : 'rolled_back')
    if (isUnknown(error)) await parts.written(transaction.writtenTables)
    else await call(transaction.callbacks('rolledBack'), parts)
    throw error
  }
  driver.release(session)
  parts.count('committed')
  await parts.written(transaction.writtenTables)
  await call(transaction.callbacks('committed'), parts)
  return result
}

async function nested<T>(parts: TransactionParts, outer: OpenTransaction, work: () => Promise<T>, options: TrialOptions): Promise<T> {
  for (const option of ['isolation', 'readOnly'] as const) {
    if (options[option] !== undefined && !outer.isTrial) throw fail('TRANSACTION_OPTIONS_NESTED', { option })
  }
  // Checked again after each wait, because others wait for the same moment.
  while (outer.blocked !== undefined) await outer.untilFree(parts.acquireTimeout)
  const leave = outer.enterNested()
  const { session } = outer
  const savepoint = `glueful_${outer.depth + 1}`
  const transaction = new OpenTransaction({
    owner: parts.owner,
    session,
    depth: outer.depth + 1,
    readOnly: outer.readOnly || (outer.isTrial && options.readOnly === true),
    enclosing: currentScope().transaction,
    isTrial: options.trial === true,
    within: outer.within ?? (currentScope().trial === undefined ? undefined : outer),
  })
  let result: T
  try {
    await control(session, `savepoint ${savepoint}`)
    result = await inside(transaction, work)
    if (transaction.isCutOff) transaction.requireOpen()
    await control(session, `release savepoint ${savepoint}`)
  } catch (error) {
    if (!transaction.isCutOff) await undo(session, savepoint, parts)
    leave()
    await call(transaction.callbacks('rolledBack'), parts)
    throw error
  }
  leave()
  if (outer.isTrial) {
    await parts.written(transaction.writtenTables)
    await call(transaction.callbacks('committed'), parts)
  } else transaction.promoteTo(outer)
  return result
}

/** Neither committed nor rolled back, as far as anybody can tell. */
function isUnknown(error: unknown): boolean {
  return error instanceof GluefulError && error.code === 'COMMIT_OUTCOME_UNKNOWN'
}

async function inside<T>(transaction: OpenTransaction, work: () => Promise<T>): Promise<T> {
  try {
    return await runInScope({ ...currentScope(), transaction }, work)
  } finally {
    await transaction.end()
  }
}

async function control(session: Session, text: string): Promise<void> {
  await session.execute(text, [], describeStatement(text))
}

async function rollBack(session: Session, { log }: TransactionParts): Promise<void> {
  if (session.broken) return
  try {
    await session.rollback()
  } catch (error) {
    log.warn({ err: error }, 'A transaction could not be rolled back; its connection is closed')
    await session.close()
  }
}

async function undo(session: Session, savepoint: string, { log }: TransactionParts): Promise<void> {
  if (session.broken) return
  try {
    await control(session, `rollback to savepoint ${savepoint}`)
    await control(session, `release savepoint ${savepoint}`)
  } catch (error) {
    // The whole transaction is gone already, as after a deadlock; whoever opened it learns that when it goes on.
    log.debug({ err: error }, 'A savepoint could not be rolled back')
  }
}

/** The outcome is decided, so a callback that fails is reported, and keeps neither the others nor the caller. */
async function call(callbacks: readonly (() => void | Promise<void>)[], { log }: TransactionParts): Promise<void> {
  for (const callback of callbacks) {
    try {
      await callback()
    } catch (error) {
      log.error({ err: error }, 'A callback of a transaction failed')
    }
  }
}
