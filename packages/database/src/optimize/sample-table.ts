import type { Database } from '../connection/database.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'

/** What a table is like, as far as a look at some of its rows tells. */
export interface TableSample {
  /** Counted up to 1,000,000. */
  readonly rows: number
  /** How large a part of the rows has one value of the column, and how large a part has none. */
  share(column: string): { readonly equal: number; readonly null: number }
}

const mostCounted = 1_000_000
const mostLooked = 10_000

export async function sampleTable(database: Database, table: string, columns: readonly string[]): Promise<TableSample> {
  const { dialect } = database
  const name = quoteIdentifier(table, dialect)
  const counted = await database.execute(`select count(*) from (select 1 as one from ${name} limit ${mostCounted}) counted`, [])
  const rows = Number(counted.rows[0]?.[0] ?? 0)
  const quoted = columns.map((column) => quoteIdentifier(column, dialect))
  const looked =
    columns.length === 0
      ? []
      : ((
          await database.execute(
            `select count(*), ${quoted.map((column) => `count(distinct ${column}), count(${column})`).join(', ')}
             from (select ${quoted.join(', ')} from ${name} limit ${mostLooked}) looked`,
            [],
          )
        ).rows[0] ?? [])
  const total = Math.max(1, Number(looked[0] ?? 1))
  const shares = new Map(
    columns.map((column, at) => {
      const [different, there] = [Number(looked[1 + at * 2] ?? 0), Number(looked[2 + at * 2] ?? 0)]
      return [column, { equal: there / total / Math.max(1, different), null: (total - there) / total }]
    }),
  )
  return { rows, share: (column) => shares.get(column) ?? { equal: 1, null: 1 } }
}
