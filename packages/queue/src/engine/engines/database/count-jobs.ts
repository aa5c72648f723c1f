import { setImmediate } from 'node:timers/promises'
import { sql, type Database } from '@glueful/database'
import type { JobState } from '../../stored-job.ts'

/** How many jobs of a queue are in a state. */
export interface JobCount {
  readonly queue: string
  readonly state: JobState
  readonly count: number
  /** The earliest start among them; only of states that are ready to run. */
  readonly oldestAt: number | undefined
}

interface Row {
  readonly queue: string
  readonly state: JobState
  readonly n: unknown
  readonly oldest: unknown
}

// Each line is answered from an index alone, and so reads a tenth of what the rows with their payloads take.
const waiting = `select queue, 'waiting' as state, count(*) as n, min(run_at) as oldest from glueful_jobs where state = 'waiting' group by queue`
const others = [
  `select queue, 'suspect', count(*), min(run_at) from glueful_jobs where state = 'suspect' group by queue`,
  `select queue, 'grouped', count(*), min(run_at) from glueful_jobs where group_key is not null and state = 'grouped' group by queue`,
  `select queue, 'delayed', count(*), null from glueful_jobs where state = 'delayed' group by queue`,
  `select queue, 'blocked', count(*), null from glueful_jobs where state = 'blocked' group by queue`,
  `select queue, 'active', count(*), null from glueful_jobs where state = 'active' group by queue`,
  `select queue, state, count(*), null from glueful_jobs where expires_at is not null and state in ('done', 'cancelled') group by queue, state`,
].join('\nunion all ')
const countText = {
  postgres: `${waiting}\nunion all ${others}`,
  // Its index for claims has all states.
  mysql: `select queue, state, count(*) as n, min(case when state in ('waiting', 'grouped', 'suspect') then run_at end) as oldest
from glueful_jobs group by queue, state`,
  sqlite: others.replace('count(*)', 'count(*) as n').replace(`'suspect'`, `'suspect' as state`).replace('min(run_at)', 'min(run_at) as oldest'),
}
/** Index entries that are counted in one go, in less than a millisecond. */
const sliceSize = 5_000

/** Counts all stored jobs, from indexes alone. */
export async function countJobs(database: Database): Promise<readonly JobCount[]> {
  const rows = await database.all<Row>(sql.raw(countText[database.dialect]))
  const counts = rows.map(({ queue, state, n, oldest }) => ({
    queue,
    state,
    count: Number(n),
    oldestAt: oldest === null ? undefined : Number(oldest),
  }))
  return database.dialect === 'sqlite' ? [...(await countWaiting(database)), ...counts] : counts
}

/** A file is read in this process: a million in one go would hold up everything else for long. */
async function countWaiting(database: Database): Promise<JobCount[]> {
  const counts: JobCount[] = []
  const next = async <T>(column: string, where: ReturnType<typeof sql>) =>
    (await database.first<{ next: T | null }>(sql`select min(${sql.id(column)}) as next from glueful_jobs where state = 'waiting' and ${where}`))?.next ??
    undefined
  for (let queue = await next<string>('queue', sql`1 = 1`); queue !== undefined; queue = await next<string>('queue', sql`queue > ${queue}`)) {
    let count = 0
    let oldestAt = Infinity
    const own = sql`queue = ${queue}`
    for (
      let order = await next<number>('sort_order', own);
      order !== undefined;
      order = await next<number>('sort_order', sql`${own} and sort_order > ${order}`)
    ) {
      const level = sql`state = 'waiting' and ${own} and sort_order = ${order}`
      for (let after: string | undefined = ''; after !== undefined;) {
        const last: { readonly id: string } | undefined = await database.first(
          sql`select id from glueful_jobs where ${level} and id > ${after} order by id limit 1 offset ${sliceSize - 1}`,
        )
        const upTo = last === undefined ? sql`` : sql` and id <= ${last.id}`
        const slice = await database.first<{ n: number; oldest: number | null }>(
          sql`select count(*) as n, min(run_at) as oldest from glueful_jobs where ${level} and id > ${after}${upTo}`,
        )
        count += slice?.n ?? 0
        oldestAt = Math.min(oldestAt, slice?.oldest ?? Infinity)
        after = last?.id
        if (after !== undefined) await setImmediate()
      }
    }
    if (count > 0) counts.push({ queue, state: 'waiting', count, oldestAt })
  }
  return counts
}
