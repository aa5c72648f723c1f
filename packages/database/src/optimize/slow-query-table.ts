import { bigint, float, string, text } from '../columns/builders.ts'
import type { Database } from '../connection/database.ts'
import { migration } from '../migrations/migration.ts'
import { slowQueryTable, type SlowQuery } from '../observe/slow-queries.ts'
import { sql } from '../sql/sql.ts'
import { storeKey } from '../stores/store-key.ts'
import { outsideTransaction } from '../transaction/scope.ts'

/** Where all processes of an application note what was slow. */
export const slowQueryMigration = migration('20260101000004_glueful_slow_queries', {
  up: (schema) =>
    schema.createTable(slowQueryTable, {
      id: string(64).primary(),
      // The name of the connection.
      asked_of: string(100),
      query: text(),
      place: string(500).nullable(),
      runs: bigint({ as: 'number' }),
      total_ms: float(),
      longest_ms: float(),
      // Ms since the epoch by the application's clock.
      seen_at: bigint({ as: 'number' }),
    }),
  down: (schema) => schema.dropTable(slowQueryTable),
})

/** Statements that are kept: those that took most time. */
const mostKept = 200
/** What was not slow for so long is forgotten, in ms. */
const keptFor = 30 * 24 * 3_600_000

/** A slow query as it is kept. */
export interface KeptSlowQuery extends SlowQuery {
  readonly seenAt: number
}

/** Adds what was slow to what is known, and forgets what is old or was never much. */
export function writeSlowQueries(database: Database, queries: readonly SlowQuery[], now: number): Promise<void> {
  // In the same order everywhere, so that processes never wait for each other in a circle.
  const ordered = queries.map((query) => ({ id: storeKey(query.database, query.text), query })).sort((a, b) => (a.id < b.id ? -1 : 1))
  const write = async () => {
    for (const { id, query } of ordered) await database.run(addition(database, id, query, now))
    await database.run(sql`delete from glueful_slow_queries where seen_at < ${now - keptFor}`)
    const [last] = await database.all<{ total_ms: number }>(
      sql`select total_ms from glueful_slow_queries order by total_ms desc ${sql.raw(`limit 1 offset ${mostKept}`)}`,
      { fresh: true },
    )
    if (last !== undefined) await database.run(sql`delete from glueful_slow_queries where total_ms <= ${last.total_ms}`)
  }
  return outsideTransaction(() => database.transaction(write))
}

function addition({ dialect }: Database, id: string, { database: askedOf, text: query, place, runs, totalMs, longestMs }: SlowQuery, now: number) {
  const values = sql.join([id, askedOf.slice(0, 100), query, place?.slice(-500) ?? null, runs, totalMs, longestMs, Math.round(now)])
  const insert = sql`insert into glueful_slow_queries (id, asked_of, query, place, runs, total_ms, longest_ms, seen_at) values (${values})`
  if (dialect === 'mysql')
    return sql`${insert} on duplicate key update place = coalesce(values(place), place), runs = runs + values(runs), total_ms = total_ms + values(total_ms),
      longest_ms = greatest(longest_ms, values(longest_ms)), seen_at = values(seen_at)`
  return sql`${insert} on conflict (id) do update set place = coalesce(excluded.place, glueful_slow_queries.place), runs = glueful_slow_queries.runs + excluded.runs,
    total_ms = glueful_slow_queries.total_ms + excluded.total_ms, seen_at = excluded.seen_at,
    longest_ms = case when excluded.longest_ms > glueful_slow_queries.longest_ms then excluded.longest_ms else glueful_slow_queries.longest_ms end`
}

/** What took most time in all, the longest first. */
export async function readSlowQueries(database: Database, most: number): Promise<readonly KeptSlowQuery[]> {
  const rows = await database.all<Record<string, unknown>>(sql`select * from glueful_slow_queries order by total_ms desc, id`, { fresh: true })
  return rows.slice(0, most).map((row) => ({
    database: String(row['asked_of']),
    text: String(row['query']),
    place: row['place'] === null ? undefined : String(row['place']),
    runs: Number(row['runs']),
    totalMs: Number(row['total_ms']),
    longestMs: Number(row['longest_ms']),
    seenAt: Number(row['seen_at']),
  }))
}

export async function forgetSlowQueries(database: Database): Promise<void> {
  await database.run(sql`delete from glueful_slow_queries`)
}
