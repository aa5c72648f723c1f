import { sql, type Database } from '@glueful/database'
import { turn } from './turn.ts'

/** Hands back the jobs of a worker that it does not know of: they were claimed for it, and the answer was lost. */
export async function reconcile(database: Database, worker: string, held: ReadonlySet<string>): Promise<number> {
  const unknown = (await ofWorker(database, worker)).filter((id) => !held.has(id))
  if (unknown.length === 0) return 0
  return turn(database, async () => {
    const { rowCount } = await database.run(sql`update glueful_jobs set state = case when group_key is null then 'waiting' else 'grouped' end,
      claim = null, worker = null, started_at = null, attempts = attempts - 1
      where id in (${sql.join(unknown)}) and worker = ${worker} and state = 'active'`)
    return rowCount
  })
}

async function ofWorker(database: Database, worker: string): Promise<string[]> {
  const rows = await database.all<{ id: string }>(sql`select id from glueful_jobs where worker = ${worker} and state = 'active' order by id limit 1000`)
  return rows.map(({ id }) => id)
}
