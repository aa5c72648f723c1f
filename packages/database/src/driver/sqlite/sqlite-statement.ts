import type { DatabaseSync, StatementSync, SQLInputValue } from 'node:sqlite'
import { fail } from '../../errors.ts'
import type { Rows } from '../driver.ts'
import { isOutOfRange } from './sqlite-errors.ts'

/** A statement that is prepared once and run often. */
export class SqliteStatement {
  readonly statement: StatementSync
  readonly columns: readonly string[]
  private bigints = false

  constructor(database: DatabaseSync, text: string, writes: boolean) {
    this.statement = database.prepare(text)
    refuseRest(text, this.statement.sourceSQL)
    this.columns = this.statement.columns().map((column) => column.name)
    if (this.columns.length === 0) return
    this.statement.setReturnArrays(true)
    // One that writes cannot be run again when an integer turns out to be large.
    if (writes) this.readBigints()
  }

  run(params: readonly SQLInputValue[]): Rows {
    const { statement, columns } = this
    if (columns.length === 0) {
      const { changes, lastInsertRowid } = statement.run(...params)
      return { columns, rows: noRows, rowCount: Number(changes), insertId: lastInsertRowid }
    }
    const rows = this.all(params)
    return { columns, rows, rowCount: rows.length }
  }

  private all(params: readonly SQLInputValue[]): unknown[][] {
    if (this.bigints) return (this.statement.all(...params) as unknown as unknown[][]).map(narrow)
    try {
      return this.statement.all(...params) as unknown as unknown[][]
    } catch (error) {
      if (!isOutOfRange(error)) throw error
      this.readBigints()
      return this.all(params)
    }
  }

  *iterate(params: readonly SQLInputValue[]): Generator<unknown[]> {
    this.readBigints()
    for (const row of this.statement.iterate(...params)) yield narrow(row as unknown as unknown[])
  }

  private readBigints(): void {
    this.bigints = true
    this.statement.setReadBigInts(true)
  }
}

const noRows: unknown[][] = []

/** Integers that a number holds exactly are numbers, whichever way they were read. */
function narrow(row: unknown[]): unknown[] {
  for (let index = 0; index < row.length; index++) {
    const value = row[index]
    if (typeof value === 'bigint' && value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) row[index] = Number(value)
  }
  return row
}

/** SQLite prepares the first statement of a text and says nothing of the others. */
function refuseRest(text: string, prepared: string): void {
  const rest = text.slice(text.indexOf(prepared) + prepared.length)
  if (rest.replace(/--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$)|[\s;]+/g, '') !== '') throw fail('SQL_STATEMENTS_SEVERAL', undefined)
}
