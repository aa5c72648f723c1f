import type { Database } from '../connection/database.ts'
import type { Rows } from '../driver/driver.ts'

/** The database's own plan for a statement, as text. With `analyze` it is run, where the database measures plans. */
export async function explain(database: Database, text: string, params: readonly unknown[], analyze: boolean): Promise<string> {
  if (database.dialect === 'sqlite') {
    const { rows } = await database.execute(`explain query plan ${text}`, params)
    if (analyze) await database.execute(text, params)
    return rows.map((row) => String(row.at(-1))).join('\n')
  }
  if (database.dialect === 'postgres') return render(await database.execute(`explain ${analyze ? '(analyze, buffers) ' : ''}${text}`, params))
  if (!analyze) return render(await database.execute(`explain ${text}`, params))
  const version = String((await database.execute('select version()', [])).rows[0]?.[0])
  return render(await database.execute(`${version.includes('MariaDB') ? 'analyze' : 'explain analyze'} ${text}`, params))
}

function render({ columns, rows }: Rows): string {
  if (columns.length === 1) return rows.map((row) => String(row[0])).join('\n')
  return rows.map((row) => row.map((value, index) => `${columns[index]}: ${String(value)}`).join(', ')).join('\n')
}
