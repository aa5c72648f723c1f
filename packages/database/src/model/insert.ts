import type { Database } from '../connection/database.ts'
import type { Rows } from '../driver/driver.ts'
import type { DialectModel } from './dialect-model.ts'

/** Values that a statement may have, and rows: longer texts cost SQLite more than another statement does. */
const mostPlaceholders = { sqlite: 32_766, postgres: 65_535, mysql: 65_535 } as const
const mostRows = { sqlite: 500, postgres: 1_000, mysql: 500 } as const

/** Rows that one statement inserts at most. */
export function mostInserted({ dialect, columns }: DialectModel): number {
  return Math.max(1, Math.min(mostRows[dialect], Math.floor(mostPlaceholders[dialect] / columns.length)))
}

/** Inserts a row of all columns; a key that the database makes is put into it. Nothing to wait for where the driver is done at once. */
export function insertRow(model: DialectModel, database: Database, row: unknown[]): Promise<void> | undefined {
  const made = madeKey(model)
  return insertPart(model, database, [row], made !== undefined && row[made] === undefined ? made : undefined)
}

/** Inserts rows of all columns; keys that the database makes are put into the rows. */
export async function insertRows(model: DialectModel, database: Database, rows: readonly unknown[][]): Promise<void> {
  const made = madeKey(model)
  if (made === undefined) return insertParts(model, database, rows, undefined)
  const keyless = rows.filter((row) => row[made] === undefined)
  if (keyless.length < rows.length) await insertParts(model, database, keyless.length === 0 ? rows : rows.filter((row) => row[made] !== undefined), undefined)
  if (keyless.length > 0) await insertParts(model, database, keyless, made)
}

/** The index of the key, where the database makes it. */
export function madeKey({ definition }: DialectModel): number | undefined {
  return definition.hasKey && definition.key.facts.generated === 'increment' ? definition.key.index : undefined
}

/** Rows with all their columns, or without the key, which then has the index `made`. */
async function insertParts(model: DialectModel, database: Database, rows: readonly unknown[][], made: number | undefined): Promise<void> {
  const most = mostInserted(model)
  for (let start = 0; start < rows.length; start += most) {
    const inserted = insertPart(model, database, rows.length <= most ? rows : rows.slice(start, start + most), made)
    if (inserted !== undefined) await inserted
  }
}

function insertPart(model: DialectModel, database: Database, rows: readonly unknown[][], made: number | undefined): Promise<void> | undefined {
  const result = database.execute(insertText(model, rows.length, made !== undefined), paramsOf(rows, made))
  if (result instanceof Promise) return made === undefined ? result.then(nothing) : result.then((late) => adoptKeys(model, rows, made, late))
  if (made !== undefined) adoptKeys(model, rows, made, result)
  return undefined
}

function nothing(): void {}

function adoptKeys(model: DialectModel, rows: readonly unknown[][], made: number, { rows: returned, insertId, insertStep = 1 }: Rows): void {
  const { decode, encode } = model.column(made).cast
  rows.forEach((row, index) => {
    // MySQL and MariaDB tell the first of the keys, and number the rows of one insert in their order.
    const key =
      model.dialect === 'mysql'
        ? typeof insertId === 'bigint'
          ? insertId + BigInt(index * insertStep)
          : Number(insertId) + index * insertStep
        : returned[index]?.[0]
    row[made] = decode === undefined ? key : encode(decode(key))
  })
}

function paramsOf(rows: readonly unknown[][], made: number | undefined): unknown[] {
  if (rows.length === 1 && made === undefined) return rows[0] as unknown[]
  const params: unknown[] = []
  for (const row of rows) for (let index = 0; index < row.length; index++) if (index !== made) params.push(row[index])
  return params
}

function insertText(model: DialectModel, count: number, keyless: boolean): string {
  return model.statement(count === 1 ? (keyless ? 'insert!' : 'insert') : `insert${keyless ? '!' : ''}${count}`, () => {
    const columns = keyless ? model.columns.filter(({ facts }) => facts.generated !== 'increment') : model.columns
    const names = columns.map(({ quoted }) => quoted).join(', ')
    let number = 0
    const values = Array.from({ length: count }, () => `(${columns.map(() => (model.dialect === 'postgres' ? `$${++number}` : '?')).join(', ')})`).join(', ')
    const returning = keyless && model.dialect !== 'mysql' ? ` returning ${model.columns.find(({ facts }) => facts.generated === 'increment')?.quoted}` : ''
    return `insert into ${model.table} (${names}) values ${values}${returning}`
  })
}
