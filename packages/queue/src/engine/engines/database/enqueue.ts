import { sql, type Database } from '@glueful/database'
import { fail } from '../../../errors.ts'
import { nextOfChain } from '../../../job/dispatched-at.ts'
import type { Dispatched } from '../../../job/dispatcher.ts'
import type { JobGroup, JobMeta, NewJob } from '../../stored-job.ts'
import { readyState, rowOf, type JobRow } from './job-row.ts'
import type { JobStatements } from './statements.ts'

export interface EnqueueParts {
  readonly database: Database
  readonly statements: JobStatements
  readonly now: () => number
}

/** A row that stands for itself goes in with all others; one that has to look around first goes in by itself. */
const isPlain = (job: NewJob) => job.unique === undefined && job.after === undefined && job.group === undefined

/** @throws `JOB_DUPLICATE`, `JOB_PARENT_UNKNOWN` */
export async function enqueueJobs(parts: EnqueueParts, jobs: readonly NewJob[]): Promise<readonly Dispatched[]> {
  const { database, statements } = parts
  const now = parts.now()
  if (jobs.every(isPlain)) {
    await statements.insert(jobs.map((job) => rowOf(job, readyState(job, now), 0)))
    return jobs.map(({ id }) => ({ id, outcome: 'queued' }))
  }
  return database.transaction(async () => {
    await addGroups(parts, jobs, now)
    const dispatched: Dispatched[] = []
    for (const job of jobs) dispatched.push(await enqueueOne(parts, job, now))
    return dispatched
  })
}

async function enqueueOne(parts: EnqueueParts, job: NewJob, now: number): Promise<Dispatched> {
  const { statements } = parts
  const waits = job.after === undefined ? 0 : await waitFor(parts, job, job.after)
  const row = rowOf(job, waits > 0 ? 'blocked' : readyState(job, now), waits)
  if (job.unique === undefined) {
    await statements.insert([row])
    return { id: job.id, outcome: 'queued' }
  }
  const { key, onConflict } = job.unique
  const holder = await insertOrFind(parts, job.id, key, row, now)
  if (holder === undefined) return { id: job.id, outcome: 'queued' }
  if (onConflict === 'reject') throw fail('JOB_DUPLICATE', { job: job.job, key, id: holder.id })
  if (onConflict === 'replace') return replace(parts, job, holder, row, waits, now)
  if (waits > 0) await parts.database.run(sql`delete from glueful_job_dependencies where job_id = ${job.id}`)
  // What was to come behind this one comes behind the one that stands for it.
  const next = nextOfChain(now, job.meta?.chain)
  if (next !== undefined) await enqueueJobs(parts, [{ ...next, after: [...(next.after ?? []), holder.id] }])
  return { id: holder.id, outcome: 'existing' }
}

/** Stores a job unless another has its key; gives the other. */
async function insertOrFind(parts: EnqueueParts, id: string, key: string, row: JobRow, now: number): Promise<Holder | undefined> {
  for (;;) {
    await parts.database.run(sql`update glueful_jobs set unique_key = null where unique_key = ${key} and unique_until <= ${now}`)
    await parts.statements.insertUnless(row)
    const holder = await holderOf(parts, key)
    if (holder !== undefined) return holder.id === id ? undefined : holder
    // Whoever had the key has ended between the two statements, and nothing was stored.
  }
}

interface Holder {
  readonly id: string
  readonly state: string
  readonly meta: string | null
}

/** Locked, so that it does not start between the look and the replacement. */
async function holderOf({ database }: EnqueueParts, key: string): Promise<Holder | undefined> {
  const lock = database.dialect === 'sqlite' ? sql`` : sql` for update`
  return database.first<Holder>(sql`select id, state, meta from glueful_jobs where unique_key = ${key}${lock}`)
}

async function replace(parts: EnqueueParts, job: NewJob, holder: Holder, row: JobRow, waits: number, now: number): Promise<Dispatched> {
  const { database, statements } = parts
  if (holder.state === 'active') return queueBehind(parts, job, holder.id, waits)
  if (holder.state === 'done' || holder.state === 'cancelled') {
    // It is kept: the key passes to the new one.
    await database.run(sql`update glueful_jobs set unique_key = null where id = ${holder.id}`)
    await statements.insert([row])
    return { id: job.id, outcome: 'queued' }
  }
  const behind = holder.state === 'blocked' ? await leaveOthers(parts, holder) : undefined
  const meta = behind === undefined ? job.meta : { ...job.meta, behind }
  const waitsNow = waits + (behind === undefined ? 0 : 1)
  const ready = readyState(job, now)
  // One that was with a worker that was lost goes on being tried by itself.
  const state = waitsNow > 0 ? 'blocked' : holder.state === 'suspect' && ready === 'waiting' ? 'suspect' : ready
  await database.run(sql`update glueful_jobs set payload = ${job.payload}, meta = ${meta === undefined ? null : JSON.stringify(meta)}, run_at = ${job.runAt},
    sort_order = ${0 - job.priority}, tries = ${job.tries}, state = ${state}, waits = ${waitsNow}, queue = ${job.queue}, group_key = ${job.group?.key ?? null},
    unique_until = ${job.unique?.until ?? null} where id = ${holder.id}`)
  if (waits > 0) await database.run(sql`update glueful_job_dependencies set job_id = ${holder.id} where job_id = ${job.id}`)
  return { id: holder.id, outcome: 'replaced' }
}

/** The key passes to the new one, which waits until the one that runs has ended for good. */
async function queueBehind({ database, statements }: EnqueueParts, job: NewJob, running: string, waits: number): Promise<Dispatched> {
  await database.run(sql`update glueful_jobs set unique_key = null, dependents = 1 where id = ${running}`)
  await database.run(sql`insert into glueful_job_dependencies (parent_id, job_id) values (${running}, ${job.id})`)
  await statements.insert([rowOf({ ...job, meta: { ...job.meta, behind: running } }, 'blocked', waits + 1)])
  return { id: job.id, outcome: 'queued' }
}

/** It no longer waits for what it was to come after; says behind which job it still is. */
async function leaveOthers({ database }: EnqueueParts, { id, meta }: Holder): Promise<string | undefined> {
  const behind = meta === null ? undefined : (JSON.parse(meta) as JobMeta).behind
  const others = behind === undefined ? sql`` : sql` and parent_id <> ${behind}`
  await database.run(sql`delete from glueful_job_dependencies where job_id = ${id}${others}`)
  if (behind === undefined) return undefined
  const still = await database.first(sql`select 1 as still from glueful_job_dependencies where job_id = ${id} and parent_id = ${behind}`)
  return still === undefined ? undefined : behind
}

/** Ties a job to those that must be done before; says how many of them are not. */
async function waitFor({ database }: EnqueueParts, job: NewJob, parents: readonly string[]): Promise<number> {
  const ids = [...new Set(parents)].sort()
  const lock = database.dialect === 'sqlite' ? sql`` : sql` for update`
  const known = await database.all<{ id: string; state: string }>(sql`select id, state from glueful_jobs where id in (${sql.join(ids)}) order by id${lock}`)
  const open = known.filter(({ state }) => state !== 'done' && state !== 'cancelled').map(({ id }) => id)
  const dead = await database.all<{ id: string }>(sql`select job_id as id from glueful_dead_letters where job_id in (${sql.join(ids)}) and state = 'open'`)
  const pending = [...new Set([...open, ...dead.map(({ id }) => id), ...(job.afterElsewhere ?? [])])]
  if (pending.length === 0) return 0
  if (open.length > 0) await database.run(sql`update glueful_jobs set dependents = 1 where id in (${sql.join(open)})`)
  await database.run(sql`insert into glueful_job_dependencies (parent_id, job_id) values ${sql.join(pending.map((parent) => sql`(${parent}, ${job.id})`))}`)
  return pending.length
}

/** A group has a row that claims take turns by; it is there before its first job is. */
async function addGroups({ database }: EnqueueParts, jobs: readonly NewJob[], now: number): Promise<void> {
  const groups = new Map<string, JobGroup & { readonly queue: string }>()
  for (const { group, queue } of jobs) if (group !== undefined) groups.set(group.key, { ...group, queue })
  // In one order everywhere, so that two transactions never wait for each other.
  for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const values = sql`${key}, ${group.queue}, ${group.concurrency ?? null}, ${group.rate?.limit ?? null}, ${group.rate?.perMs ?? null}, 0, 0, 0, ${now}`
    const insert = sql`insert into glueful_job_groups (group_key, queue, concurrency, rate_limit, rate_per, window_at, window_count, served_at, touched_at) values (${values})`
    await (database.dialect === 'mysql'
      ? database.run(sql`${insert} on duplicate key update group_key = group_key`)
      : database.run(sql`${insert} on conflict (group_key) do nothing`))
    const same = await database.first<{ queue: string; concurrency: unknown; rate_limit: unknown; rate_per: unknown }>(
      sql`select queue, concurrency, rate_limit, rate_per from glueful_job_groups where group_key = ${key} and touched_at > ${now - 3_600_000}`,
    )
    const number = (value: unknown) => (value === null ? undefined : Number(value))
    const current =
      same !== undefined &&
      same.queue === group.queue &&
      number(same.concurrency) === group.concurrency &&
      number(same.rate_limit) === group.rate?.limit &&
      number(same.rate_per) === group.rate?.perMs
    // A release may have changed the limits; an hour-old touch tells pruning that the group is alive.
    if (!current) {
      await database.run(sql`update glueful_job_groups set queue = ${group.queue}, concurrency = ${group.concurrency ?? null}, rate_limit = ${group.rate?.limit ?? null},
        rate_per = ${group.rate?.perMs ?? null}, touched_at = ${now} where group_key = ${key}`)
    }
  }
}
