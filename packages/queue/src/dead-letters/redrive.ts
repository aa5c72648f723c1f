import { sql, type Database } from '@glueful/database'

export interface RedriveParts {
  readonly database: Database
  readonly statements: { removeAll(ids: readonly string[]): Promise<void> }
}

/**
 * A job of a redrive has failed for good again. When so many have that the redrive is to stop, what has not run yet goes
 * back to the dead letters, in the same transaction.
 */
export async function countFailure({ database, statements }: RedriveParts, id: string): Promise<void> {
  await database.run(sql`update glueful_redrives set failed = failed + 1 where id = ${id}`)
  const redrive = await database.first<{ failed: unknown; stop_after: unknown; state: string }>(
    sql`select failed, stop_after, state from glueful_redrives where id = ${id}`,
  )
  if (redrive === undefined || redrive.stop_after === null || redrive.state !== 'open' || Number(redrive.failed) < Number(redrive.stop_after)) return
  await database.run(sql`update glueful_redrives set state = 'stopped' where id = ${id}`)
  const lock = database.dialect === 'sqlite' ? sql`` : sql` for update`
  const waiting = await database.all<{ id: string }>(sql`select id from glueful_jobs where state in ('waiting', 'delayed', 'grouped')
    and id in (select job_id from glueful_dead_letters where redrive_id = ${id} and state = 'retried') order by id${lock}`)
  if (waiting.length === 0) return
  const ids = waiting.map((job) => job.id)
  for (let at = 0; at < ids.length; at += 500) {
    const part = ids.slice(at, at + 500)
    await statements.removeAll(part)
    await database.run(sql`update glueful_dead_letters set state = 'open', redrive_id = null, settled_at = null, settled_by = null
      where redrive_id = ${id} and state = 'retried' and job_id in (${sql.join(part)})`)
  }
}
