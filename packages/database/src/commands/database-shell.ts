import type { Database } from '../connection/database.ts'
import { describeStatement } from '../sql/describe-statement.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { renderRows } from './render-rows.ts'

export interface DatabaseShellParts {
  readonly database: Database
  readonly print: (text: string) => void
  /** Refuses whatever writes. */
  readonly readOnly: boolean
}

export interface DatabaseShell {
  /**
   * Takes a line; runs the statements that it completes. An error is printed and ends nothing.
   * @returns false when all of them failed or were left undone
   */
  line(text: string): Promise<boolean>
  /** True while a statement waits for its semicolon. */
  readonly unfinished: boolean
}

/** Runs SQL that somebody types, and shows what comes back. */
export function createDatabaseShell({ database, print, readOnly }: DatabaseShellParts): DatabaseShell {
  let buffer = ''

  async function run(text: string): Promise<boolean> {
    const started = performance.now()
    try {
      const rows = await ask(text)
      const took = `${Math.round((performance.now() - started) * 10) / 10} ms`
      if (rows.columns.length > 0) print(renderRows(rows))
      print(`${rows.rowCount} ${rows.rowCount === 1 ? 'row' : 'rows'} · ${took}`)
      return true
    } catch (error) {
      print(error instanceof Error ? error.message : String(error))
      return false
    }
  }

  function ask(text: string) {
    if (!readOnly) return Promise.resolve(database.execute(text, []))
    return database.transaction(async () => await database.execute(text, [], { writes: describeStatement(text).writes }), { readOnly: true })
  }

  return {
    async line(text) {
      buffer += `${text}\n`
      if (!buffer.trimEnd().endsWith(';')) return true
      const statements = splitStatements(buffer, database.dialect)
      buffer = ''
      let succeeded = true
      for (const statement of statements) succeeded = (await run(statement.text)) && succeeded
      return succeeded
    },
    get unfinished() {
      return buffer.trim() !== ''
    },
  }
}
