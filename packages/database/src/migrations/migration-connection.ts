import type { ManagedDatabase } from '../connection/create-database.ts'
import { toObjects } from '../connection/row-objects.ts'
import type { Rows, Session } from '../driver/driver.ts'
import { liveColumns } from '../schema/live-columns.ts'
import { renderChange } from '../schema/render-change.ts'
import type { SchemaTarget } from '../schema/schema.ts'
import type { SchemaChange } from '../schema/schema-change.ts'
import { describeStatement } from '../sql/describe-statement.ts'
import type { Dialect } from '../sql/dialect.ts'
import { renderSql } from '../sql/render-sql.ts'
import { splitStatements } from '../sql/split-statements.ts'

/** Where a migration's statements go. */
export interface MigrationConnection {
  readonly dialect: Dialect
  query(text: string, params: readonly unknown[]): Promise<Rows>
  script(text: string): Promise<void>
}

/** The database itself: inside a transaction, everything joins it. */
export function overDatabase(database: ManagedDatabase): MigrationConnection {
  return {
    dialect: database.dialect,
    query: async (text, params) => database.execute(text, params, { writes: true }),
    script: (text) => database.script(text),
  }
}

/** One session, so that what is set on it holds. */
export function overSession(dialect: Dialect, session: Session): MigrationConnection {
  return {
    dialect,
    query: async (text, params) => session.execute(text, params, { ...describeStatement(text), writes: true }),
    script: async (text) => session.script(text),
  }
}

/** What was done before something failed. */
export interface Progress {
  /** Statements that went well, as text. */
  readonly done: string[]
  /** The one under way. */
  current: string | undefined
}

/** Applies changes to the live schema, one statement at a time. */
export function liveTarget(connection: MigrationConnection, progress: Progress = { done: [], current: undefined }): SchemaTarget {
  const { dialect } = connection
  const read = async (text: string, params: readonly unknown[] = []) => toObjects(await connection.query(text, params))
  const step = async <T>(text: string, work: () => Promise<T>): Promise<T> => {
    progress.current = text
    const result = await work()
    progress.current = undefined
    progress.done.push(text)
    return result
  }
  return {
    dialect,
    columnsOf: (table) => liveColumns(dialect, table, read),
    all: async (query) => {
      const { text, params } = renderSql(query, dialect)
      return read(text, params)
    },
    async apply(change) {
      if (change.kind === 'query') {
        const { text, params } = renderSql(change.query, dialect)
        await step(text, () => connection.query(text, params))
        return
      }
      for (const text of await statementsOf(change, dialect, read)) await step(text, () => connection.script(text))
    },
  }
}

async function statementsOf(change: Exclude<SchemaChange, { kind: 'query' }>, dialect: Dialect, read: Parameters<typeof renderChange>[2]): Promise<string[]> {
  const texts = await renderChange(dialect, change, read)
  return change.kind === 'sql' ? texts.flatMap((text) => splitStatements(text, dialect).map((statement) => statement.text)) : texts
}
