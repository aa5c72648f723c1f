import type { Database } from '../connection/database.ts'
import type { DialectModel } from './dialect-model.ts'

/** Rows in one statement: as many as fit the placeholders that the database allows, and no more than 500. */
const mostPlaceholders = { sqlite: 32_766, postgres: 65_535, mysql: 65_535 } as const
const mostRows = 500

/** Inserts rows of all columns; keys that the database makes are put into the rows. */
export async function insertRows(model: DialectModel, database: Database, rows: readonly unknown[][]): Promise<void> {
  const { definition } = model
  if (!definition.hasKey || definition.key.facts.generated !== 'increment') return insertParts(model, database, rows, undefined)
  const { index } = definition.key
  const keyless = rows.filter((row) => row[index] === undefined)
  if (keyless.length < rows.length) await insertParts(model, database, keyless.length === 0 ? rows : rows.filter((row) => row[index] !== undefined), undefined)
  if (keyless.length > 0) await insertParts(model, database, keyless, index)
}

/** Rows with all their columns, or without the key, which then has the index `made`. */
async function insertParts(model: DialectModel, database: Database, rows: readonly unknown[][], made: number | undefined): Promise<void> {
  const width = model.columns.length - (made === undefined ? 0 : 1)
  const most = Math.min(mostRows, Math.floor(mostPlaceholders[model.dialect] / Math.max(1, width)))
  for (let start = 0; start < rows.length; start += most) {
    const part = rows.length <= most ? rows : rows.slice(start, start + most)
    const result = database.execute(insertText(model, part.length, made !== undefined), paramsOf(part, made))
    const { rows: returned, insertId } = result instanceof Promise ? await result : result
    if (made === undefined) continue
    const { decode, encode } = model.column(made).cast
    part.forEach((row, index) => {
      // MySQL and MariaDB tell the first of the keys, and number the rows of one insert in their order.
      const key = model.dialect === 'mysql' ? (typeof insertId === 'bigint' ? insertId + BigInt(index) : Number(insertId) + index) : returned[index]?.[0]
      row[made] = decode === undefined ? key : encode(decode(key))
    })
  }
}

function paramsOf(rows: readonly unknown[][], made: number | undefined): unknown[] {
  if (made !== undefined) return rows.flatMap((row) => row.filter((_, index) => index !== made))
  return rows.length === 1 ? (rows[0] as unknown[]) : rows.flat()
}

function insertText(model: DialectModel, count: number, keyless: boolean): string {
  return model.statement(`insert${keyless ? '!' : ''}${count}`, () => {
    const columns = keyless ? model.columns.filter(({ facts }) => facts.generated !== 'increment') : model.columns
    const names = columns.map(({ quoted }) => quoted).join(', ')
    let number = 0
    const values = Array.from({ length: count }, () => `(${columns.map(() => (model.dialect === 'postgres' ? `$${++number}` : '?')).join(', ')})`).join(', ')
    const returning = keyless && model.dialect !== 'mysql' ? ` returning ${model.columns.find(({ facts }) => facts.generated === 'increment')?.quoted}` : ''
    return `insert into ${model.table} (${names}) values ${values}${returning}`
  })
}
