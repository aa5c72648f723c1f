import { sql, type Database } from '@glueful/database'
import type { NewJob } from '../../stored-job.ts'

export interface BatchChange {
  readonly batchId: string
  readonly outcome: 'done' | 'failed' | 'cancelled'
}

/** What a batch dispatches in the end. */
export interface BatchCallbacks {
  /** All were done. */
  readonly then?: NewJob
  /** The first one failed for good. */
  readonly catch?: NewJob
  /** All have ended, one way or another. */
  readonly finally?: NewJob
}

export interface BatchParts {
  readonly database: Database
  readonly now: () => number
  readonly enqueue: (jobs: readonly NewJob[]) => Promise<unknown>
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
  if (follow.length > 0) await enqueue(follow.map((job) => ({ ...job, createdAt: time, runAt: time + (job.runAt - job.createdAt) })))
}

/** Takes out what has not begun, and counts it. */
async function cancelRest(parts: BatchParts, id: string): Promise<void> {
  const { database } = parts
  const open = await database.all<{ id: string }>(
    sql`select id from glueful_jobs where batch_id = ${id} and state in ('waiting', 'delayed', 'grouped', 'suspect', 'blocked')`,
  )
  if (open.length === 0) return
  const { rowCount } = await database.run(
    sql`delete from glueful_jobs where batch_id = ${id} and state in ('waiting', 'delayed', 'grouped', 'suspect', 'blocked') and id in (${sql.join(open.map((job) => job.id))})`,
  )
  if (rowCount > 0)
    await countOne(
      parts,
      id,
      Array.from({ length: rowCount }, () => ({ batchId: id, outcome: 'cancelled' as const })),
    )
}
