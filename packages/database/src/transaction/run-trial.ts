import type { Use } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { DatabasesService } from '../extension/databases-service.ts'
import { createRequestUse } from '../observe/request-use.ts'
import type { OpenTransaction } from './open-transaction.ts'
import type { TrialOptions } from './run-transaction.ts'
import { currentScope, runInScope } from './scope.ts'

/** A statement of a trial. Values are left out: they are what must not be shown. */
export interface TrialQuery {
  readonly database: string
  readonly text: string
  /** The nearest place in the application that asked for it. */
  readonly place: string | undefined
  /** undefined where it had not come back when the trial was over. */
  readonly ms: number | undefined
  /** The code of the error that it failed with. */
  readonly failed: string | undefined
}

/** What became of a trial. */
export interface Trial<T> {
  readonly outcome: PromiseSettledResult<T>
  /** In order; the first of them where there were too many. */
  readonly queries: readonly TrialQuery[]
  /** How many there were. */
  readonly queryCount: number
}

export interface RunTrialOptions {
  /** Statements that are kept. Default: 200. */
  readonly keep?: number
}

/** Ends a transaction whose work has succeeded. */
class Undone extends Error {}

/**
 * Runs `work` in a transaction on each connection of the application, and rolls all of them back whatever becomes of it.
 * Inside everything looks as it does elsewhere: transactions commit, as savepoints, and call `afterCommit`. Nothing gets
 * out, `outsideTransaction` included; what goes on when `work` has settled is refused (`TRANSACTION_ENDED`).
 *
 * Locks are held until it is over: on SQLite nobody else writes meanwhile.
 *
 * @example
 * const { outcome, queries } = await runTrial(use, async () => archive(cars))
 *
 * @throws what keeps the transactions from being opened; never what `work` throws
 */
export async function runTrial<T>(use: Use, work: () => Promise<T>, { keep = 200 }: RunTrialOptions = {}): Promise<Trial<T>> {
  const databases = use(DatabasesService)
  const record = createRequestUse(true, keep)
  const open = new Map<object, OpenTransaction>()
  let outcome: PromiseSettledResult<T> | undefined

  async function withAll(rest: readonly ManagedDatabase[]): Promise<void> {
    const [database, ...others] = rest
    if (database !== undefined) return within(database, others)
    const scope = { databases: currentScope().databases ?? databases, use: record, transaction: undefined, trial: open }
    ;[outcome] = await runInScope(scope, () => Promise.allSettled([work()]))
    // Whoever was not awaited finds the door closed before anything is rolled back.
    for (const transaction of open.values()) transaction.cutOff()
  }

  async function within(database: ManagedDatabase, others: readonly ManagedDatabase[]): Promise<void> {
    const options: TrialOptions = { trial: true, retries: 0 }
    const inside = async () => {
      open.set(database, database.openTransaction() as OpenTransaction)
      await withAll(others)
      throw new Undone('A trial is rolled back')
    }
    await database.transaction(inside, options).catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error
    })
  }

  await withAll([...databases.all.values()])
  const queries = (record.asked ?? []).map(({ place, text, ...rest }) => ({ ...rest, text: text.slice(0, 2_000), place: place.toString() }))
  return { outcome: outcome as PromiseSettledResult<T>, queries, queryCount: record.queries }
}
