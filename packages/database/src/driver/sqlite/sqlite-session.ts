import { DatabaseSync } from 'node:sqlite'
import type { Awaitable } from 'glueful'
import { fail } from '../../errors.ts'
import type { StatementDescription } from '../../sql/describe-statement.ts'
import type { BeginOptions, Rows, Session } from '../driver.ts'
import { bindSqlite } from './bind-sqlite.ts'
import { isBusy, toSqliteError } from './sqlite-errors.ts'
import { SqliteStatement } from './sqlite-statement.ts'

export interface SqliteSessionOptions {
  readonly file: string
  /** How long a statement waits for another process that writes, in ms. */
  readonly busyTimeout: number
  readonly synchronous: 'full' | 'normal'
  /** Refuses writes. */
  readonly readOnly: boolean
}

const mostStatements = 500

/**
 * One SQLite connection. Everything is done when a call returns; only a lock that another process holds is waited for
 * asynchronously, so that the process goes on answering.
 */
export class SqliteSession implements Session {
  readonly database: DatabaseSync
  /** `wal` where readers do not wait for the writer. */
  readonly journal: string
  readonly readOnly: boolean
  broken = false
  private readonly statements = new Map<string, SqliteStatement>()
  private readonly busyTimeout: number
  private begun = false

  constructor({ file, busyTimeout, synchronous, readOnly }: SqliteSessionOptions) {
    this.busyTimeout = busyTimeout
    this.readOnly = readOnly
    this.database = new DatabaseSync(file, { timeout: busyTimeout, enableForeignKeyConstraints: true })
    this.database.exec(`pragma synchronous = ${synchronous}`)
    const mode = this.database.prepare('pragma journal_mode = wal').get() as { journal_mode: string }
    this.journal = mode.journal_mode
    // Waiting inside SQLite would stop the whole process.
    this.database.exec('pragma busy_timeout = 0')
    if (readOnly) this.database.exec('pragma query_only = 1')
  }

  execute(text: string, params: readonly unknown[], statement: StatementDescription): Awaitable<Rows> {
    this.requireTransaction()
    // Without a closure, because this is what every query pays.
    try {
      return this.prepare(text, statement.writes).run(bindSqlite(params, text))
    } catch (error) {
      return this.failed(error, () => this.prepare(text, statement.writes).run(bindSqlite(params, text)), text)
    }
  }

  async *batches(text: string, params: readonly unknown[], size: number): AsyncGenerator<Rows> {
    // A statement of its own: the cached one may be wanted while this one is still being read.
    const statement = attempt(() => new SqliteStatement(this.database, text, false), text)
    let rows: unknown[][] = []
    try {
      for (const row of statement.iterate(bindSqlite(params, text))) {
        if (rows.push(row) < size) continue
        yield { columns: statement.columns, rows, rowCount: rows.length }
        rows = []
      }
    } catch (error) {
      throw toSqliteError(error, text)
    }
    if (rows.length > 0) yield { columns: statement.columns, rows, rowCount: rows.length }
  }

  script(text: string): void {
    attempt(() => this.database.exec(text), text)
  }

  begin({ readOnly }: BeginOptions): Awaitable<void> {
    // A deferred transaction that writes later could find that its snapshot is old, and would have to be repeated.
    const text = readOnly === true ? 'begin' : 'begin immediate'
    return this.unlessBusy(() => {
      this.database.exec(text)
      this.begun = true
    }, text)
  }

  commit(): Awaitable<void> {
    this.requireTransaction()
    return this.unlessBusy(() => {
      this.database.exec('commit')
      this.begun = false
    }, 'commit')
  }

  rollback(): void {
    this.begun = false
    if (this.database.isTransaction) this.database.exec('rollback')
  }

  /** Some errors, such as a full disk, roll the transaction back; what follows must not run without it. */
  private requireTransaction(): void {
    if (this.begun && !this.database.isTransaction) throw fail('TRANSACTION_ABORTED', undefined)
  }

  close(): void {
    if (this.broken) return
    this.broken = true
    this.statements.clear()
    this.database.close()
  }

  private prepare(text: string, writes: boolean): SqliteStatement {
    let statement = this.statements.get(text)
    if (statement !== undefined) return statement
    statement = new SqliteStatement(this.database, text, writes)
    if (this.statements.size >= mostStatements) this.statements.delete(this.statements.keys().next().value as string)
    this.statements.set(text, statement)
    return statement
  }

  private unlessBusy<T>(work: () => T, text: string): Awaitable<T> {
    try {
      return work()
    } catch (error) {
      return this.failed(error, work, text)
    }
  }

  private failed<T>(error: unknown, work: () => T, text: string): Promise<T> {
    if (isBusy(error) && this.busyTimeout > 0) return this.whenFree(work, text)
    throw toSqliteError(error, text)
  }

  private async whenFree<T>(work: () => T, text: string): Promise<T> {
    const deadline = performance.now() + this.busyTimeout
    for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
      await new Promise((resolve) => void setTimeout(resolve, pause * (0.5 + Math.random())))
      try {
        return work()
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw toSqliteError(error, text)
      }
    }
  }
}

function attempt<T>(work: () => T, text: string): T {
  try {
    return work()
  } catch (error) {
    throw toSqliteError(error, text)
  }
}
