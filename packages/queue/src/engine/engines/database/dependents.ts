import { sql, type Database } from '@glueful/database'
import type { JobMeta } from '../../stored-job.ts'

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
export async function releaseDependents(parts: DependentsParts, parent: string): Promise<void> {
  const waiting = await dependentsOf(parts, parent)
  if (waiting.length === 0) return
  for (let at = 0; at < waiting.length; at += partSize) await release(parts, waiting.slice(at, at + partSize))
  await parts.database.run(sql`delete from glueful_job_dependencies where parent_id = ${parent}`)
}

/** A job has failed for good: those that came behind it by its key go on without it, the others wait for its retry. */
export async function releaseBehind(parts: DependentsParts, parent: string): Promise<void> {
  for (const id of await dependentsOf(parts, parent)) {
    const job = await blocked(parts, id)
    if (job === undefined || !isBehind(job, parent)) continue
    await release(parts, [id])
    await parts.database.run(sql`delete from glueful_job_dependencies where parent_id = ${parent} and job_id = ${id}`)
  }
}

/** A job will never be done: those that wait for it, and those that wait for them, are taken out; those behind it go on. */
export async function cancelDependents(parts: DependentsParts, parent: string): Promise<TakenOut[]> {
  const { database } = parts
  const taken: TakenOut[] = []
  const parents = [parent]
  for (let next = parents.pop(); next !== undefined; next = parents.pop()) {
    const waiting = await dependentsOf(parts, next)
    await database.run(sql`delete from glueful_job_dependencies where parent_id = ${next}`)
    for (const id of waiting) {
      const job = await blocked(parts, id)
      if (job !== undefined && isBehind(job, next)) {
        await release(parts, [id])
        continue
      }
      await database.run(sql`delete from glueful_job_dependencies where job_id = ${id}`)
      if (job === undefined) continue
      const { rowCount } = await database.run(sql`delete from glueful_jobs where id = ${id} and state = 'blocked'`)
      if (rowCount === 0) continue
      taken.push({ id, batchId: job.batch_id ?? undefined })
      parents.push(id)
    }
  }
  return taken
}

interface Blocked {
  readonly batch_id: string | null
  readonly meta: string | null
}

async function dependentsOf({ database }: DependentsParts, parent: string): Promise<string[]> {
  const rows = await database.all<{ job_id: string }>(sql`select job_id from glueful_job_dependencies where parent_id = ${parent} order by job_id`)
  return rows.map(({ job_id }) => job_id)
}

async function blocked({ database }: DependentsParts, id: string): Promise<Blocked | undefined> {
  return database.first<Blocked>(sql`select batch_id, meta from glueful_jobs where id = ${id} and state = 'blocked'`)
}

function isBehind({ meta }: Blocked, parent: string): boolean {
  return meta !== null && (JSON.parse(meta) as JobMeta).behind === parent
}

/** They wait for one job less. */
async function release({ database, now }: DependentsParts, list: readonly string[]): Promise<void> {
  const ids = sql.join(list)
  await database.run(sql`update glueful_jobs set waits = waits - 1 where id in (${ids}) and state = 'blocked'`)
  await database.run(sql`update glueful_jobs set state = case when run_at > ${now()} then 'delayed' when group_key is not null then 'grouped' else 'waiting' end
    where id in (${ids}) and state = 'blocked' and waits <= 0`)
}
