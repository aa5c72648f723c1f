import { sql, type Database } from '@glueful/database'
import type { BatchRecord } from '../../../job/batch.ts'
import type { Dispatched } from '../../../job/dispatcher.ts'
import type { BatchCallbacks, NewBatch } from '../../engine.ts'
import { dispatchedAt } from '../../../job/dispatched-at.ts'
import type { NewJob } from '../../stored-job.ts'
import { cancelDependents, type TakenOut } from './dependents.ts'
import { enqueueFollowing } from './follow.ts'

export interface BatchChange {
  readonly batchId: string
  readonly outcome: 'done' | 'failed' | 'cancelled'
}

export interface BatchParts {
  readonly database: Database
  readonly now: () => number
  readonly enqueue: (jobs: readonly NewJob[]) => Promise<readonly Dispatched[]>
}

interface BatchRow {
  readonly total: unknown
  readonly done: unknown
  readonly failed: unknown
  readonly cancelled: unknown
  readonly state: string
  readonly allow_failures: unknown
  readonly callbacks: string
}

/** A job that is queued already, by its key, belongs to whoever dispatched it and is not waited for. */
export async function addBatch(parts: BatchParts, batch: NewBatch, jobs: readonly NewJob[]): Promise<void> {
  const { database, enqueue } = parts
  await database.transaction(async () => {
    await database.run(sql`insert into glueful_job_batches (id, name, total, done, failed, cancelled, state, allow_failures, callbacks, created_at)
      values (${batch.id}, ${batch.name ?? null}, ${jobs.length}, 0, 0, 0, 'open', ${batch.allowFailures ? 1 : 0}, ${JSON.stringify(batch.callbacks)}, ${batch.createdAt})`)
    const dispatched = jobs.length === 0 ? [] : await enqueue(jobs.map((job) => ({ ...job, batchId: batch.id })))
    const queued = dispatched.filter(({ outcome }) => outcome === 'queued').length
    if (queued < jobs.length) await database.run(sql`update glueful_job_batches set total = ${queued} where id = ${batch.id}`)
    if (queued === 0) await countOne(parts, batch.id, [])
  })
}

export async function findBatch({ database }: BatchParts, id: string): Promise<BatchRecord | undefined> {
  if (!/^[0-9a-f-]{36}$/i.test(id)) return undefined
  const row = await database.first<BatchRow & { name: string | null; created_at: unknown; finished_at: unknown }>(
    sql`select name, total, done, failed, cancelled, state, allow_failures, callbacks, created_at, finished_at from glueful_job_batches where id = ${id}`,
  )
  if (row === undefined) return undefined
  const [total, done, failed, cancelled] = [row.total, row.done, row.failed, row.cancelled].map(Number) as [number, number, number, number]
  return {
    id,
    name: row.name ?? undefined,
    total,
    done,
    failed,
    cancelled,
    state: row.state as BatchRecord['state'],
    progress: total === 0 ? 1 : (done + failed + cancelled) / total,
    createdAt: Number(row.created_at),
    finishedAt: row.finished_at === null ? undefined : Number(row.finished_at),
  }
}

/** What will never run, as its batches count it. */
export function cancelledOf(taken: readonly TakenOut[]): BatchChange[] {
  return taken.flatMap(({ batchId }) => (batchId === undefined ? [] : [{ batchId, outcome: 'cancelled' as const }]))
}

/** Counts ended jobs in their batches, in the transaction that ends them, and dispatches what a batch has asked for. */
export async function countInBatches(parts: BatchParts, changes: readonly BatchChange[]): Promise<void> {
  const byBatch = Map.groupBy(changes, ({ batchId }) => batchId)
  for (const [id, list] of [...byBatch].sort(([a], [b]) => (a < b ? -1 : 1))) await countOne(parts, id, list)
}

async function countOne({ database, now, enqueue }: BatchParts, id: string, changes: readonly BatchChange[]): Promise<void> {
  const count = (outcome: BatchChange['outcome']) => changes.filter((change) => change.outcome === outcome).length
  const [done, failed, cancelled] = [count('done'), count('failed'), count('cancelled')]
  await database.run(
    sql`update glueful_job_batches set done = done + ${done}, failed = failed + ${failed}, cancelled = cancelled + ${cancelled} where id = ${id}`,
  )
  const batch = await database.first<BatchRow>(
    sql`select total, done, failed, cancelled, state, allow_failures, callbacks from glueful_job_batches where id = ${id}`,
  )
  if (batch === undefined) return
  const callbacks = JSON.parse(batch.callbacks) as BatchCallbacks
  const firstFailure = failed > 0 && Number(batch.failed) === failed
  const ended = Number(batch.done) + Number(batch.failed) + Number(batch.cancelled) >= Number(batch.total)
  const fine = Number(batch.failed) === 0 && Number(batch.cancelled) === 0
  const follow: NewJob[] = []
  if (firstFailure && callbacks.catch !== undefined) follow.push(callbacks.catch)
  if (ended && fine && callbacks.then !== undefined) follow.push(callbacks.then)
  if (ended && callbacks.finally !== undefined) follow.push(callbacks.finally)
  const time = now()
  if (ended) await database.run(sql`update glueful_job_batches set state = ${fine ? 'done' : 'failed'}, finished_at = ${time} where id = ${id}`)
  else if (firstFailure && Number(batch.allow_failures) === 0) await cancelRest({ database, now, enqueue }, id)
  await enqueueFollowing(
    { database, now, enqueue },
    follow.map((job) => dispatchedAt(time, job)),
  )
}

const partSize = 500
const notBegun = sql`state in ('waiting', 'delayed', 'grouped', 'suspect', 'blocked')`

/**
 * Takes out what has not begun, with what waits for it elsewhere, and counts it. Rows are looked for without locks: one
 * that runs belongs to a settlement that may be waiting for this batch.
 */
async function cancelRest(parts: BatchParts, id: string): Promise<void> {
  const { database } = parts
  const open = await database.all<{ id: string; dependents: unknown }>(
    sql`select id, dependents from glueful_jobs where batch_id = ${id} and ${notBegun} order by id`,
  )
  const taken: TakenOut[] = []
  for (let at = 0; at < open.length; at += partSize) {
    const part = open.slice(at, at + partSize)
    const ids = sql.join(part.map((job) => job.id))
    await database.run(sql`delete from glueful_jobs where id in (${ids}) and ${notBegun}`)
    // What has begun meanwhile is still there.
    const begun = new Set((await database.all<{ id: string }>(sql`select id from glueful_jobs where id in (${ids})`)).map((job) => job.id))
    for (const job of part) {
      if (begun.has(job.id)) continue
      taken.push({ id: job.id, batchId: id })
      if (Number(job.dependents) === 1) taken.push(...(await cancelDependents(parts, job.id)))
    }
    await database.run(sql`delete from glueful_job_dependencies where job_id in (${ids})`)
  }
  await countInBatches(parts, cancelledOf(taken))
}
