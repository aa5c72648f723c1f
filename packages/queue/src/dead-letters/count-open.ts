import { sql, type Database } from '@glueful/database'

/** How many dead letters are open, by queue; for metrics. */
export async function countOpen(database: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await database.all<{ queue: string; count: unknown }>(
    sql`select queue, count(*) as count from glueful_dead_letters where state = 'open' group by queue`,
  )
  return new Map(rows.map(({ queue, count }) => [queue, Number(count)]))
}
