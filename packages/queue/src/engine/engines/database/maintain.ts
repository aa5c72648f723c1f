import { setImmediate } from 'node:timers/promises'
import { sql } from '@glueful/database'
import type { Maintained } from '../../engine.ts'
import type { Failure } from '../../stored-job.ts'
import { buryJob } from './bury.ts'
import { countInBatches, type BatchChange } from './batches.ts'
import { withFailure, type SettleParts } from './settle.ts'
import { turn } from './turn.ts'

interface LostJob {
  readonly id: string
  readonly job: string
  readonly worker: string
  readonly attempts: unknown
  readonly tries: unknown
  readonly batch_id: string | null
  readonly failures: string | null
}

const mostAtOnce = 500

/**
 * Takes up the jobs of workers whose lease has ended. They come back as suspects: one of them may be what killed the
 * worker, so they are tried one at a time, and only the one that kills again and again runs out of attempts.
 */
export async function recoverLost(parts: SettleParts): Promise<Pick<Maintained, 'lostWorkers' | 'recovered' | 'buried'>> {
  const { database, now: clock } = parts
  const late = sql`w.lease_until < ${clock()} and (w.state <> 'crashed' or exists (select 1 from glueful_jobs j where j.worker = w.id and j.state = 'active'))`
  const anyLate = await database.first(sql`select 1 as late from glueful_queue_workers w where ${late} limit 1`)
  const orphaned = await orphans(database)
  if (anyLate === undefined && orphaned.length === 0) return { lostWorkers: [], recovered: 0, buried: 0 }
  return turn(database, async () => {
    const now = clock()
    const lock = database.dialect === 'sqlite' ? sql`` : sql` for update skip locked`
    const lost = await database.all<{ id: string }>(sql`select id from glueful_queue_workers w where ${late} order by id limit 50${lock}`)
    const lostWorkers = [...lost.map(({ id }) => id), ...orphaned]
    let recovered = 0
    let buried = 0
    for (const worker of lostWorkers) {
      const jobs = await database.all<LostJob>(sql`select id, job, worker, attempts, tries, batch_id, failures from glueful_jobs
          where worker = ${worker} and state = 'active' order by id limit ${mostAtOnce}${database.dialect === 'sqlite' ? sql`` : sql` for update`}`)
      const batches: BatchChange[] = []
      for (const job of jobs) {
        const dead = await recoverOne(parts, job, now)
        if (dead) buried++
        else recovered++
        if (dead && job.batch_id !== null) batches.push({ batchId: job.batch_id, outcome: 'failed' })
      }
      await countInBatches(parts, batches)
      // One with more jobs than one turn takes is looked at again in the next.
      if (jobs.length < mostAtOnce) await database.run(sql`update glueful_queue_workers set state = 'crashed', running = 0 where id = ${worker}`)
    }
    return { lostWorkers, recovered, buried }
  })
}

/** Where jobs that were taken up may be waiting: they are suspects, or back in their groups. */
export async function queuesOfRecovered(database: SettleParts['database']): Promise<readonly string[]> {
  const rows = await database.all<{ queue: string }>(
    sql`select queue from glueful_jobs where state = 'suspect' group by queue union select queue from glueful_job_groups group by queue`,
  )
  return rows.map(({ queue }) => queue)
}

/** Workers that have jobs and are not there: they left, or were removed, while a claim of theirs was under way. */
async function orphans(database: SettleParts['database']): Promise<string[]> {
  const rows = await database.all<{ worker: string }>(sql`select distinct worker from glueful_jobs j
    where state = 'active' and worker is not null and not exists (select 1 from glueful_queue_workers w where w.id = j.worker)`)
  return rows.map(({ worker }) => worker)
}

async function recoverOne(parts: SettleParts, job: LostJob, now: number): Promise<boolean> {
  const attempt = Number(job.attempts)
  const failure: Failure = {
    at: now,
    attempt,
    worker: job.worker,
    kind: 'crash',
    name: 'WorkerLost',
    message: `The worker ${job.worker} was lost while it had the job.`,
  }
  const failures = withFailure({ failures: job.failures === null ? [] : (JSON.parse(job.failures) as Failure[]) }, failure)
  if (attempt >= Number(job.tries)) {
    await buryJob(parts, job, failures, now)
    return true
  }
  await parts.database.run(sql`update glueful_jobs set state = case when group_key is null then 'suspect' else 'grouped' end, claim = null, worker = null,
    started_at = null, crashes = crashes + 1, failures = ${JSON.stringify(failures)} where id = ${job.id}`)
  return false
}

const crashedShownMs = 3_600_000
const groupIdleMs = 86_400_000
const partSize = 1_000
/** Of a round; workers have one every two seconds. */
const mostParts = 50

/** Removes jobs that were kept for a while and have had their time, a part at a time. */
export async function pruneJobs({ database, now: clock }: SettleParts): Promise<number> {
  const now = clock()
  let pruned = 0
  for (let part = 0; part < mostParts; part++) {
    const old = await database.all<{ id: string }>(sql`select id from glueful_jobs where expires_at <= ${now} limit ${partSize}`)
    if (old.length > 0) await database.run(sql`delete from glueful_jobs where id in (${sql.join(old.map(({ id }) => id))}) and expires_at <= ${now}`)
    pruned += old.length
    if (old.length < partSize) break
    await setImmediate()
  }
  return pruned
}

/** Removes workers long gone, groups that nobody uses and batches that have ended; looks at all of them, so that it is for once a minute. */
export async function pruneRest({ database, now: clock }: SettleParts): Promise<void> {
  const now = clock()
  await database.run(sql`delete from glueful_queue_workers where state = 'crashed' and lease_until < ${now - crashedShownMs}
    and not exists (select 1 from glueful_jobs j where j.worker = glueful_queue_workers.id and j.state = 'active')`)
  await database.run(sql`delete from glueful_job_groups where touched_at < ${now - groupIdleMs} and served_at < ${now - groupIdleMs}
    and not exists (select 1 from glueful_jobs j where j.group_key = glueful_job_groups.group_key)`)
  await database.run(sql`delete from glueful_job_batches where finished_at < ${now - groupIdleMs}`)
}
