import { sql, type Database } from '@glueful/database'
import { fingerprintOf } from '../../../dead-letters/fingerprint.ts'
import { countFailure } from '../../../dead-letters/redrive.ts'
import { createJobId } from '../../../job/job-id.ts'
import type { Failure, JobMeta, NewJob } from '../../stored-job.ts'
import { releaseBehind } from './dependents.ts'
import type { JobStatements } from './statements.ts'

export interface BuryParts {
  readonly database: Database
  readonly statements: JobStatements
}

/** A job that is kept elsewhere becomes a dead letter, once however often that is said. */
export async function buryForeign(database: Database, job: NewJob, attempts: number, failures: readonly Failure[], now: number): Promise<void> {
  const last = failures.at(-1) as Failure
  await database.transaction(async () => {
    const there = await database.first(
      sql`select 1 as there from glueful_dead_letters where job_id = ${job.id} and failed_at >= ${job.createdAt} and state = 'open'`,
    )
    if (there !== undefined) return
    await database.run(sql`insert into glueful_dead_letters (id, job_id, job, queue, payload, meta, sort_order, tries, attempts, keep_ms,
        failures, fingerprint, error_name, error_message, state, created_at, failed_at)
      values (${createJobId(now)}, ${job.id}, ${job.job}, ${job.queue}, ${job.payload}, ${job.meta === undefined ? null : JSON.stringify(job.meta)}, ${0 - job.priority},
        ${job.tries}, ${attempts}, ${job.keepMs}, ${JSON.stringify(failures)}, ${fingerprintOf(job.job, last)}, ${last.name.slice(0, 200)}, ${last.message}, 'open',
        ${job.createdAt}, ${now})`)
  })
}

/** Moves a job to the dead letters with its whole history; inside a transaction. */
export async function buryJob(
  { database, statements }: BuryParts,
  { id, job }: { readonly id: string; readonly job: string },
  failures: readonly Failure[],
  now: number,
): Promise<void> {
  const last = failures.at(-1) as Failure
  const row = await database.first<{ meta: string | null; dependents: unknown }>(sql`select meta, dependents from glueful_jobs where id = ${id}`)
  await database.run(sql`insert into glueful_dead_letters (id, job_id, job, queue, payload, meta, sort_order, tries, attempts, keep_ms, group_key, unique_key, batch_id,
      failures, fingerprint, error_name, error_message, state, created_at, failed_at)
    select ${createJobId(now)}, id, job, queue, payload, meta, sort_order, tries, attempts, keep_ms, group_key, unique_key, batch_id,
      ${JSON.stringify(failures)}, ${fingerprintOf(job, last)}, ${last.name.slice(0, 200)}, ${last.message}, 'open', created_at, ${now} from glueful_jobs where id = ${id}`)
  await statements.removeAll([id])
  if (Number(row?.dependents) === 1) await releaseBehind({ database, now: () => now }, id)
  const redrive = row?.meta == null ? undefined : (JSON.parse(row.meta) as JobMeta).redrive
  if (redrive !== undefined) await countFailure({ database, statements }, redrive)
}
