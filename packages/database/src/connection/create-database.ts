import { performance } from 'node:perf_hooks'
import type { Awaitable, Logger } from 'glueful'
import type { Kysely } from 'kysely'
import type { Driver, Purpose, Rows, Session } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import { createKysely } from '../kysely/create-kysely.ts'
import type { Tables } from '../kysely/tables.ts'
import { CallPlace } from '../observe/call-place.ts'
import type { QueryMetrics } from '../observe/query-metrics.ts'
import type { ObservedStatement, QueryObserver } from '../observe/query-observer.ts'
import type { AskedQuery, RequestUse } from '../observe/request-use.ts'
import { describeStatement } from '../sql/describe-statement.ts'
import { renderSql } from '../sql/render-sql.ts'
import type { Sql } from '../sql/sql.ts'
import { writtenTables, type WrittenTable } from '../sql/written-tables.ts'
import type { OpenTransaction } from '../transaction/open-transaction.ts'
import { runTransaction } from '../transaction/run-transaction.ts'
import { refuseInTrial } from '../transaction/refuse-in-trial.ts'
import { currentScope, type Scope } from '../transaction/scope.ts'
import type { TransactionOptions } from '../transaction/transaction-options.ts'
import type { Database, ExecuteOptions } from './database.ts'
import { toObjects } from './row-objects.ts'

export interface DatabaseParts {
  readonly name: string
  readonly driver: Driver
  /** How long to wait for a session or for another flow's savepoint, in ms. */
  readonly acquireTimeout: number
  readonly log: Logger
  readonly observer: QueryObserver
  readonly metrics: QueryMetrics
  readonly connection: (name: string) => Database
}

/** What the rest of this package may do with a database. */
export interface ManagedDatabase extends Database {
  readonly driver: Driver
  /** A transaction that everything joins which is in none, wherever it comes from; tests set it. */
  pin(transaction: OpenTransaction | undefined): void
  /** Says that tables were written to: when the transaction that is open here has committed, or now. */
  noteWritten(written: readonly WrittenTable[]): Awaitable<void>
  /** Told of tables that were written to, once that is committed or may be; before whoever wrote goes on. */
  onWritten: ((written: Iterable<WrittenTable>) => Awaitable<void>) | undefined
  /** The transaction that a statement would join here. */
  openTransaction(): OpenTransaction | undefined
}

const mostDescriptions = 2_000
/** A statement that was quick so often is taken to be quick again. */
const fewQuickRuns = 3
const mostQuickRuns = 12
/** In ms. */
const quick = 10

/** A database over a driver: finds the transaction that a statement belongs to, or a session for it alone. */
export function createDatabase({ name, driver, acquireTimeout, log, observer, metrics, connection }: DatabaseParts): ManagedDatabase {
  const { dialect } = driver
  const descriptions = new Map<string, ObservedStatement>()
  let pinned: OpenTransaction | undefined
  let kysely: Kysely<Tables> | undefined

  function describe(text: string): ObservedStatement {
    let description = descriptions.get(text)
    if (description !== undefined) return description
    const read = describeStatement(text)
    description = observer.statement(text, read.writes ? { ...read, written: writtenTables(text) } : read)
    if (descriptions.size >= mostDescriptions) descriptions.delete(descriptions.keys().next().value as string)
    descriptions.set(text, description)
    return description
  }

  function noteWrite({ use }: Scope): void {
    if (use === undefined) return
    use.wrote ??= new Set()
    use.wrote.add(name)
  }

  /** Outside of requests nobody knows what was written before. */
  function readsPrimary({ use }: Scope): boolean {
    return use === undefined || use.wrote?.has(name) === true
  }

  function transactionIn(scope: Scope): OpenTransaction | undefined {
    for (let open = scope.transaction; open !== undefined; open = open.enclosing) if (open.owner === self) return open
    return scope.trial?.get(self) ?? pinned
  }

  function execute(text: string, params: readonly unknown[], options?: ExecuteOptions): Awaitable<Rows> {
    const scope = currentScope()
    const found = describe(text)
    const description = options?.writes === undefined || options.writes === found.writes ? found : { ...found, writes: options.writes }
    const open = transactionIn(scope)
    if (open !== undefined) return executeIn(open, scope, text, params, description)
    if (description.writes) noteWrite(scope)
    const session = description.writes
      ? driver.acquire('write')
      : driver.acquire(description.quickRuns < fewQuickRuns ? 'read' : 'quick-read', options?.fresh === true || readsPrimary(scope))
    const rows =
      session instanceof Promise
        ? session.then((late) => executeOn(late, scope, text, params, description))
        : executeOn(session, scope, text, params, description)
    return description.written === undefined || self.onWritten === undefined ? rows : told(rows, description.written, self.onWritten)
  }

  /** Told also of what failed: a connection may be lost after the database has done as it was told. */
  function told(rows: Awaitable<Rows>, written: readonly WrittenTable[], tell: (written: Iterable<WrittenTable>) => Awaitable<void>): Awaitable<Rows> {
    if (rows instanceof Promise)
      return rows.then(
        (found) => told(found, written, tell),
        async (error: unknown) => {
          await tell(written)
          throw error
        },
      )
    const telling = tell(written)
    return telling instanceof Promise ? telling.then(() => rows) : rows
  }

  /** Runs a statement on a session taken for it alone, and gives the session back. */
  function executeOn(session: Session, scope: Scope, text: string, params: readonly unknown[], description: ObservedStatement): Awaitable<Rows> {
    let rows: Awaitable<Rows>
    try {
      rows = timed(session, scope, text, params, description)
    } catch (error) {
      driver.release(session)
      throw error
    }
    if (!(rows instanceof Promise)) {
      driver.release(session)
      return rows
    }
    // `finally` would make three promises more.
    return rows.then(
      (found) => {
        driver.release(session)
        return found
      },
      (error: unknown) => {
        driver.release(session)
        throw error
      },
    )
  }

  function executeIn(open: OpenTransaction, scope: Scope, text: string, params: readonly unknown[], description: ObservedStatement): Awaitable<Rows> {
    if (scope.trial !== undefined) refuseInTrial(text, dialect)
    // PostgreSQL gives up a transaction with the first error; in a test the next request must find it whole.
    if (open.isTrial && dialect === 'postgres') return self.transaction(async () => execute(text, params, description))
    if (open.readOnly && description.writes) throw fail('TRANSACTION_READ_ONLY', undefined)
    if (description.written !== undefined) open.noteWritten(description.written)
    return open.whenFree(() => timed(open.session, scope, text, params, description), acquireTimeout)
  }

  function noteWritten(written: readonly WrittenTable[]): Awaitable<void> {
    const open = transactionIn(currentScope())
    if (open === undefined || open.isTrial) return self.onWritten?.(written)
    open.noteWritten(written)
  }

  function timed(session: Session, scope: Scope, text: string, params: readonly unknown[], description: ObservedStatement): Awaitable<Rows> {
    const { use } = scope
    const asked = use?.asked === undefined ? undefined : noteAsked(use, use.asked, text)
    const place = asked === undefined ? observer.placeOf(description) : asked.place
    const started = performance.now()
    let rows: Awaitable<Rows>
    try {
      rows =
        observer.run === undefined ? session.execute(text, params, description) : observer.run(description, () => session.execute(text, params, description))
    } catch (error) {
      ended(description, started, use, place, error, true, asked)
      throw error
    }
    if (rows instanceof Promise) {
      return rows.then(
        (found) => {
          ended(description, started, use, place, undefined, false, asked)
          noteSpeed(description, session.lastMs ?? performance.now() - started)
          return found
        },
        (error: unknown) => {
          ended(description, started, use, place, error, false, asked)
          throw error
        },
      )
    }
    ended(description, started, use, place, undefined, true, asked)
    return rows
  }

  function noteAsked({ mostAsked }: RequestUse, list: AskedQuery[], text: string): AskedQuery | undefined {
    if (list.length >= mostAsked) return undefined
    const asked = { text, place: new CallPlace(), database: name, ms: undefined, failed: undefined }
    list.push(asked)
    return asked
  }

  function ended(
    statement: ObservedStatement,
    started: number,
    use: RequestUse | undefined,
    place: CallPlace | undefined,
    error: unknown,
    synchronous: boolean,
    asked: AskedQuery | undefined,
  ): void {
    const ms = performance.now() - started
    if (asked !== undefined) {
      asked.ms = ms
      asked.failed = error === undefined ? undefined : String((error as { code?: unknown }).code ?? 'UNKNOWN')
    }
    if (use !== undefined) {
      use.queries++
      use.ms += ms
    }
    observer.ended(statement, ms, place, error, synchronous)
  }

  /** A statement that is slow once has to show again that it usually is not. */
  function noteSpeed(statement: ObservedStatement, ms: number): void {
    if (ms < quick) statement.quickRuns = Math.min(statement.quickRuns + 1, mostQuickRuns)
    else statement.quickRuns = ms < quick * 10 ? statement.quickRuns >> 1 : 0
  }

  async function rowsOf(query: Sql, options?: ExecuteOptions): Promise<Rows> {
    const { text, params } = renderSql(query, dialect)
    return execute(text, params, options)
  }

  async function withSession<T>(purpose: Purpose, work: (session: Session) => Awaitable<T>): Promise<T> {
    const open = transactionIn(currentScope())
    if (open !== undefined) return open.whenFree(() => work(open.session), acquireTimeout)
    const session = await driver.acquire(purpose, true)
    try {
      return await work(session)
    } finally {
      driver.release(session)
    }
  }

  const self: ManagedDatabase = {
    dialect,
    name,
    driver,
    execute,
    all: async <Row>(query: Sql, options?: ExecuteOptions) => toObjects(await rowsOf(query, options)) as Row[],
    first: async <Row>(query: Sql, options?: ExecuteOptions) => toObjects(await rowsOf(query, options))[0] as Row | undefined,
    run: async (query) => ({ rowCount: (await rowsOf(query)).rowCount }),
    async *batches(text, params, size = 500) {
      const open = transactionIn(currentScope())
      if (open !== undefined) {
        open.requireOpen()
        if (currentScope().trial !== undefined) refuseInTrial(text, dialect)
        await open.untilFree(acquireTimeout)
        for await (const rows of open.session.batches(text, params, size)) {
          yield rows
          // Whoever reads on after the end would read on a connection that others have by now.
          open.requireOpen()
        }
        return
      }
      const session = await driver.acquire('cursor', readsPrimary(currentScope()))
      try {
        yield* session.batches(text, params, size)
      } finally {
        driver.release(session)
      }
    },
    script: async (text) => {
      if (currentScope().trial !== undefined) throw fail('TRIAL_STATEMENT_REFUSED', { statement: 'a script' })
      await withSession('write', (session) => session.script(text))
      await noteWritten(writtenTables(text))
    },
    noteWritten,
    onWritten: undefined,
    transaction: <T>(work: () => Promise<T>, options: TransactionOptions = {}) =>
      runTransaction(
        {
          owner: self,
          driver,
          acquireTimeout,
          log,
          open: () => transactionIn(currentScope()),
          began: () => noteWrite(currentScope()),
          readsPrimary: () => readsPrimary(currentScope()),
          count: (outcome) => metrics.transaction(name, outcome).inc(),
          written: (tables) => self.onWritten?.(tables),
        },
        work,
        options,
      ),
    connection,
    ...(driver.subscribe === undefined ? {} : { subscribe: driver.subscribe }),
    get sql() {
      return (kysely ??= createKysely(self))
    },
    pin: (transaction) => void (pinned = transaction),
    openTransaction: () => transactionIn(currentScope()),
  }
  return self
}
