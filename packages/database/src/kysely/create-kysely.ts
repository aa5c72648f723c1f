import { createRequire } from 'node:module'
import type * as KyselyModule from 'kysely'
import type { DatabaseConnection, Dialect as KyselyDialect, Driver as KyselyDriver, Kysely, QueryResult } from 'kysely'
import type { Database } from '../connection/database.ts'
import { toObjects } from '../connection/row-objects.ts'
import type { Rows } from '../driver/driver.ts'
import { fail } from '../errors.ts'
import type { Tables } from './tables.ts'

/** Kysely over a database: its queries go the way of all others, ambient transaction, metrics and replicas included. */
export function createKysely(database: Database): Kysely<Tables> {
  // Reading it takes longer than everything else at boot, and not every application uses it.
  const kysely = createRequire(import.meta.url)('kysely') as typeof KyselyModule
  const parts = {
    sqlite: [kysely.SqliteQueryCompiler, kysely.SqliteAdapter, kysely.SqliteIntrospector],
    postgres: [kysely.PostgresQueryCompiler, kysely.PostgresAdapter, kysely.PostgresIntrospector],
    mysql: [kysely.MysqlQueryCompiler, kysely.MysqlAdapter, kysely.MysqlIntrospector],
  } as const
  const [Compiler, Adapter, Introspector] = parts[database.dialect]
  const dialect: KyselyDialect = {
    createDriver: () => createDriver(database),
    createQueryCompiler: () => new Compiler(),
    createAdapter: () => new Adapter(),
    createIntrospector: (db) => new Introspector(db),
  }
  return new kysely.Kysely<Tables>({ dialect })
}

function createDriver(database: Database): KyselyDriver {
  const connection: DatabaseConnection = {
    executeQuery: async <R>({ sql, parameters }: { readonly sql: string; readonly parameters: readonly unknown[] }) =>
      toResult<R>(await database.execute(sql, parameters)),
    async *streamQuery<R>({ sql, parameters }: { readonly sql: string; readonly parameters: readonly unknown[] }, chunkSize: number) {
      for await (const rows of database.batches(sql, parameters, chunkSize)) yield toResult<R>(rows)
    },
  }
  const refuse = async (): Promise<never> => {
    throw fail('KYSELY_TRANSACTION', undefined)
  }
  const nothing = async () => {}
  return {
    init: nothing,
    acquireConnection: async () => connection,
    releaseConnection: nothing,
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    // The connections belong to the application.
    destroy: nothing,
  }
}

function toResult<R>(rows: Rows): QueryResult<R> {
  const { columns, rowCount, insertId } = rows
  if (columns.length > 0) return { rows: toObjects(rows) as R[] }
  return { rows: [], numAffectedRows: BigInt(rowCount), ...(insertId === undefined ? {} : { insertId: BigInt(insertId) }) }
}
