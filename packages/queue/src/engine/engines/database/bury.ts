import { createHash } from 'node:crypto'
import { sql, type Database } from '@glueful/database'
import type { Failure } from '../../stored-job.ts'
import type { JobStatements } from './statements.ts'

export interface BuryParts {
  readonly database: Database
  readonly statements: JobStatements
}

/** Moves a job to the dead letters with its whole history; inside a transaction. */
export async function buryJob(
  { database, statements }: BuryParts,
  { id, job }: { readonly id: string; readonly job: string },
  failures: readonly Failure[],
  now: number,
): Promise<void> {
  const last = failures.at(-1) as Failure
  await database.run(sql`insert into glueful_dead_letters (id, job_id, job, queue, payload, meta, sort_order, tries, attempts, keep_ms, group_key, unique_key, batch_id,
      failures, fingerprint, error_name, error_message, state, created_at, failed_at)
    select id, id, job, queue, payload, meta, sort_order, tries, attempts, keep_ms, group_key, unique_key, batch_id,
      ${JSON.stringify(failures)}, ${fingerprintOf(job, last)}, ${last.name}, ${last.message}, 'open', created_at, ${now} from glueful_jobs where id = ${id}`)
  await statements.removeAll([id])
}

const passing = /[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|\b[0-9a-f]{16,}\b|\d+|(["'`]).*?\1/gi

/**
 * What failures of one cause have in common: the job, the kind of error, its message without what changes from one to the
 * next, and the place in the code.
 */
export function fingerprintOf(job: string, failure: Failure): string {
  const message = failure.message.replace(passing, '#').slice(0, 300)
  const place = /\n\s+at (?:async )?(.+?)(?::\d+)?(?::\d+)?\)?$/m.exec(failure.stack ?? '')?.[1]?.replace(/^.*[/\\]/, '') ?? ''
  return createHash('sha256')
    .update([job, failure.kind, failure.name, failure.code ?? '', message, place].join('\n'))
    .digest('hex')
    .slice(0, 16)
}
