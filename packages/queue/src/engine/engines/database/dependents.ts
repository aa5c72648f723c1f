import { sql, type Database } from '@glueful/database'

export interface DependentsParts {
  readonly database: Database
  readonly now: () => number
}

/** A job that will never run; its batch, if it is in one, has to be told. */
export interface TakenOut {
  readonly id: string
  readonly batchId: string | undefined
}

const partSize = 500

/** A job is done: those that waited for it alone become ready. */
export async function releaseDependents({ database, now }: DependentsParts, parent: string): Promise<void> {
  const waiting = await database.all<{ job_id: string }>(sql`select job_id from glueful_job_dependencies where parent_id = ${parent} order by job_id`)
  if (waiting.length === 0) return
  const time = now()
  for (let at = 0; at < waiting.length; at += partSize) {
    const ids = sql.join(waiting.slice(at, at + partSize).map(({ job_id }) => job_id))
    await database.run(sql`update glueful_jobs set waits = waits - 1 where id in (${ids}) and state = 'blocked'`)
    await database.run(sql`update glueful_jobs set state = case when run_at > ${time} then 'delayed' when group_key is not null then 'grouped' else 'waiting' end
      where id in (${ids}) and state = 'blocked' and waits <= 0`)
  }
  await database.run(sql`delete from glueful_job_dependencies where parent_id = ${parent}`)
}

/** A job will never be done: those that wait for it, and those that wait for them, are taken out. */
export async function cancelDependents({ database }: Pick<DependentsParts, 'database'>, parent: string): Promise<TakenOut[]> {
  const taken: TakenOut[] = []
  const parents = [parent]
  for (let next = parents.pop(); next !== undefined; next = parents.pop()) {
    const waiting = await database.all<{ job_id: string }>(sql`select job_id from glueful_job_dependencies where parent_id = ${next}`)
    await database.run(sql`delete from glueful_job_dependencies where parent_id = ${next}`)
    for (const { job_id } of waiting) {
      const job = await database.first<{ batch_id: string | null }>(sql`select batch_id from glueful_jobs where id = ${job_id} and state = 'blocked'`)
      await database.run(sql`delete from glueful_job_dependencies where job_id = ${job_id}`)
      if (job === undefined) continue
      const { rowCount } = await database.run(sql`delete from glueful_jobs where id = ${job_id} and state = 'blocked'`)
      if (rowCount === 0) continue
      taken.push({ id: job_id, batchId: job.batch_id ?? undefined })
      parents.push(job_id)
    }
  }
  return taken
}
