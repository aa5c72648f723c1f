import { service, type Awaitable, type Service } from 'glueful'
import type { Kysely } from 'kysely'
import type { Rows } from '../driver/driver.ts'
import type { Tables } from '../kysely/tables.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { Sql } from '../sql/sql.ts'
import type { TransactionOptions } from '../transaction/transaction-options.ts'

export interface ExecuteOptions {
  /** Whether it may change something; read off the text otherwise. Say true for a function that writes: `select charge(1)`. */
  readonly writes?: boolean
  /** Whether it must see what others wrote a moment ago, as what decides who gets in must: it is asked of the primary, never of a replica. */
  readonly fresh?: boolean
}

/**
 * A database. Whatever is asked of it inside a transaction is part of the transaction.
 *
 * Values come back as the database has them: numbers (bigint beyond 2^53), text, bytes, null; booleans where it knows any.
 * PostgreSQL and MySQL dates come back as `Date` and JSON parsed from `all` and `first`, and as text from `execute`.
 */
export interface Database {
  readonly dialect: Dialect
  /** `default`, or the name among the connections. */
  readonly name: string
  /** All rows, as objects. */
  all<Row = Record<string, unknown>>(query: Sql, options?: ExecuteOptions): Promise<Row[]>
  /** The first row, as an object. */
  first<Row = Record<string, unknown>>(query: Sql, options?: ExecuteOptions): Promise<Row | undefined>
  /** For what returns no rows. */
  run(query: Sql): Promise<{ readonly rowCount: number }>
  /**
   * Runs `work` in a transaction that everything inside joins; commits when it resolves, rolls back when it rejects. Inside
   * another, it is a savepoint. When the database gives up a transaction because of others, `work` is run again.
   *
   * @throws `DEADLOCK` and `SERIALIZATION_FAILURE` when retrying did not help, `COMMIT_OUTCOME_UNKNOWN` when the connection
   * was lost while committing, `DATABASE_BUSY`, `DATABASE_UNREACHABLE`
   */
  transaction<T>(work: () => Promise<T>, options?: TransactionOptions): Promise<T>
  /** The quick way: text with the dialect's own placeholders (`?`, PostgreSQL `$1`), rows as arrays. No promise where none is needed. */
  execute(text: string, params: readonly unknown[], options?: ExecuteOptions): Awaitable<Rows>
  /** Rows of a query as they are read, `size` at a time (default 500), so that a result of any length needs little memory. */
  batches(text: string, params: readonly unknown[], size?: number): AsyncIterable<Rows>
  /**
   * Kysely on the same connections and in the same transactions, for joins, unions, CTEs and windows; typed by `Tables`, or
   * for one query by `db.sql.withTables<{ cars: … }>()`.
   */
  readonly sql: Kysely<Tables>
  /** Several statements without values, as migrations have them. */
  script(text: string): Promise<void>
  /**
   * PostgreSQL only, and not through a transaction-mode pooler: listens to a channel until the returned function is called.
   * Messages are sent by `select pg_notify(channel, payload)` and arrive when that commits. `onGap` is called when some may
   * have been missed, because the connection had to be made anew.
   */
  subscribe?(channel: string, onMessage: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>>
  /**
   * Another connection of the same application.
   * @throws `DATABASE_CONNECTION_UNKNOWN`
   */
  connection(name: string): Database
}

/** The application's default database: `ctx.use(Database)`. */
export const Database: Service<Database> = service<Database>('database')
