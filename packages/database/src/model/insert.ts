import type { Database } from '../connection/database.ts'
import type { DialectModel } from './dialect-model.ts'

/** Rows in one statement: as many as fit the placeholders that the database allows, and no more than 500. */
const mostPlaceholders = { sqlite: 32_766, postgres: 65_535, mysql: 65_535 } as const
const mostRows = 500

/** Inserts rows of all columns; keys that the database makes are put into the rows. */
export async function insertRows(model: DialectModel, database: Database, rows: readonly unknown[][]): Promise<void> {
  const { key, keyless } = keyOf(model, rows)
  const width = model.columns.length - (keyless ? 1 : 0)
  const most = Math.min(mostRows, Math.floor(mostPlaceholders[model.dialect] / Math.max(1, width)))
  for (let start = 0; start < rows.length; start += most) {
    const part = start === 0 && rows.length <= most ? rows : rows.slice(start, start + most)
    const params = keyless ? part.flatMap((row) => row.filter((_, index) => index !== key)) : part.length === 1 ? (part[0] as unknown[]) : part.flat()
    const result = database.execute(insertText(model, part.length, keyless), params)
    const { rows: returned, insertId } = result instanceof Promise ? await result : result
    if (!keyless) continue
    const decode = model.column(key).cast.decode
    part.forEach((row, index) => {
      // MySQL and MariaDB tell the first of the keys, and number the rows of one insert in their order.
      const made = model.dialect === 'mysql' ? (typeof insertId === 'bigint' ? insertId + BigInt(index) : Number(insertId) + index) : returned[index]?.[0]
      row[key] = decode === undefined ? made : model.column(key).cast.encode(decode(made))
    })
  }
}

function keyOf(model: DialectModel, rows: readonly unknown[][]): { readonly key: number; readonly keyless: boolean } {
  const { definition } = model
  if (!definition.hasKey || definition.key.facts.generated !== 'increment') return { key: -1, keyless: false }
  const { index } = definition.key
  return { key: index, keyless: rows.some((row) => row[index] === undefined) }
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
