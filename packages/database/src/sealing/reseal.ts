import { GluefulError, type Seal, type Sealing } from 'glueful'
import type { Database } from '../connection/database.ts'
import { sql } from '../sql/sql.ts'
import type { SealedColumns } from './sealed-columns.ts'

/** What became of one column. */
export interface Resealed {
  readonly table: string
  readonly column: string
  /** Sealed anew, or to be with `dryRun`. */
  readonly resealed: number
  /** Were sealed under the current key already. */
  readonly current: number
  /** Cannot be opened under any key, with the keys of the first rows. */
  readonly lost: number
  readonly lostKeys: readonly string[]
}

const batch = 500
const mostLostKeys = 5

/**
 * Seals everything in these columns under the current APP_KEY. Each value is changed by itself and only if it is still
 * what was read, so it can run beside the application, be stopped, and be started again.
 * @throws `APP_KEY_MISSING`
 */
export async function reseal(db: Database, sealing: Sealing, sealed: readonly SealedColumns[], options: { readonly dryRun: boolean }): Promise<Resealed[]> {
  const results: Resealed[] = []
  for (const columns of sealed) {
    const seal = sealing.for(columns.purpose).requireKey()
    for (const column of columns.columns) results.push(await resealColumn(db, seal, columns, column, options.dryRun))
  }
  return results
}

async function resealColumn(db: Database, seal: Seal, { table, key, placed }: SealedColumns, column: string, dryRun: boolean): Promise<Resealed> {
  const [tableId, keyId, columnId] = [sql.id(table), sql.id(key), sql.id(column)]
  const counts = { resealed: 0, current: 0, lost: 0 }
  const lostKeys: string[] = []
  let last: unknown
  for (;;) {
    const after = last === undefined ? sql`` : sql` and ${keyId} > ${last}`
    const rows = await db.all<{ key: unknown; sealed: string }>(
      sql`select ${keyId} as ${sql.id('key')}, ${columnId} as sealed from ${tableId} where ${columnId} is not null${after} order by ${keyId} limit ${sql.raw(String(batch))}`,
      { fresh: true },
    )
    for (const row of rows) {
      const outcome = await resealRow(row.key, row.sealed)
      counts[outcome]++
      if (outcome === 'lost' && lostKeys.length < mostLostKeys) lostKeys.push(String(row.key))
    }
    if (rows.length < batch) return { table, column, ...counts, lostKeys }
    last = rows.at(-1)?.key
  }

  async function resealRow(rowKey: unknown, old: string): Promise<'resealed' | 'current' | 'lost'> {
    if (seal.isCurrent(old)) return 'current'
    const place = placed ? String(rowKey) : ''
    let text: string
    try {
      text = seal.open(old, place)
    } catch (error) {
      if (error instanceof GluefulError && error.code === 'UNSEALING_FAILED') return 'lost'
      throw error
    }
    if (!dryRun) await db.run(sql`update ${tableId} set ${columnId} = ${seal.seal(text, place)} where ${keyId} = ${rowKey} and ${columnId} = ${old}`)
    return 'resealed'
  }
}
