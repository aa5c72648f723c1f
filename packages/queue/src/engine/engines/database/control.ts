import { sql, type Database } from '@glueful/database'
import { cancelDependents } from './dependents.ts'
import { cancelledOf, countInBatches, type BatchParts } from './batches.ts'

export async function setPaused(database: Database, queue: string, paused: boolean, now: number): Promise<void> {
  await database.transaction(async () => {
    const { rowCount } = await database.run(sql`update glueful_queues set paused = ${paused ? 1 : 0}, paused_at = ${now} where queue = ${queue}`)
    if (rowCount > 0) return
    const insert = sql`insert into glueful_queues (queue, paused, paused_at) values (${queue}, ${paused ? 1 : 0}, ${now})`
    await (database.dialect === 'mysql'
      ? database.run(sql`${insert} on duplicate key update paused = values(paused)`)
      : database.run(sql`${insert} on conflict (queue) do update set paused = excluded.paused`))
  })
}

/** One that waits is taken out, with what waits for it; one that runs is marked, for its worker to see. */
export async function cancelJob(parts: BatchParts, id: string): Promise<'removed' | 'asked' | 'absent'> {
  const { database } = parts
  if (!/^[0-9a-f-]{36}$/i.test(id)) return 'absent'
  return database.transaction(async () => {
    const lock = database.dialect === 'sqlite' ? sql`` : sql` for update`
    const job = await database.first<{ state: string; batch_id: string | null }>(sql`select state, batch_id from glueful_jobs where id = ${id}${lock}`)
    if (job === undefined || job.state === 'done' || job.state === 'cancelled') return 'absent'
    if (job.state === 'active') {
      await database.run(sql`update glueful_jobs set cancel_asked = 1 where id = ${id}`)
      return 'asked'
    }
    await database.run(sql`delete from glueful_jobs where id = ${id}`)
    const taken = [{ id, batchId: job.batch_id ?? undefined }, ...(await cancelDependents(parts, id))]
    await database.run(sql`delete from glueful_job_dependencies where job_id = ${id}`)
    await countInBatches(parts, cancelledOf(taken))
    return 'removed'
  })
}
