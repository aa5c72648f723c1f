import { sql, type Database } from '@glueful/database'
import type { Dispatched } from '../../../job/dispatcher.ts'
import type { Delivery, Settlement } from '../../engine.ts'
import type { Failure, NewJob } from '../../stored-job.ts'
import { buryJob } from './bury.ts'
import { cancelledOf, countInBatches, type BatchChange } from './batches.ts'
import { cancelDependents, releaseDependents } from './dependents.ts'
import { enqueueFollowing } from './follow.ts'
import type { JobStatements } from './statements.ts'
import { turn } from './turn.ts'

export interface SettleParts {
  readonly database: Database
  readonly statements: JobStatements
  readonly now: () => number
  readonly enqueue: (jobs: readonly NewJob[]) => Promise<readonly Dispatched[]>
}

const mostFailures = 20

/** Whether a job that is done leaves nothing behind, so that removing its row says it all. */
export function leavesNothing(settlement: Settlement): boolean {
  const { delivery, kind } = settlement
  return kind === 'complete' && settlement.follow === undefined && delivery.keepMs === 0 && delivery.batchId === undefined && delivery.uniqueUntil === undefined
}

/** Records settlements one by one, in a transaction; returns the ids of those that were refused. */
export async function settleEach(parts: SettleParts, settlements: readonly Settlement[]): Promise<string[]> {
  const { database, statements } = parts
  return turn(database, async () => {
    const mine = await statements.lockClaimed(settlements.map(({ delivery }) => delivery))
    const accepted = settlements.filter(({ delivery }) => mine.has(delivery.id))
    const batches: BatchChange[] = []
    for (const settlement of accepted) {
      batches.push(...(await settleOne(parts, settlement, mine.get(settlement.delivery.id)?.dependents ?? false)))
      const change = changeOf(settlement)
      if (change !== undefined) batches.push(change)
    }
    await countInBatches(parts, batches)
    return settlements.filter(({ delivery }) => !mine.has(delivery.id)).map(({ delivery }) => delivery.id)
  })
}

/** Says what batches have to count besides: of jobs that waited for one that will never be done. */
async function settleOne(parts: SettleParts, settlement: Settlement, dependents: boolean): Promise<readonly BatchChange[]> {
  const { database, statements } = parts
  const { delivery } = settlement
  const now = parts.now()
  switch (settlement.kind) {
    case 'complete': {
      const until = Math.max(delivery.keepMs === 0 ? 0 : now + delivery.keepMs, delivery.uniqueUntil ?? 0)
      if (until > now) await keep(parts, delivery, 'done', settlement.result ?? null, now, until)
      else await statements.removeAll([delivery.id])
      if (dependents) await releaseDependents(parts, delivery.id)
      if (settlement.follow !== undefined) await enqueueFollowing(parts, settlement.follow)
      return nothing
    }
    case 'cancel': {
      if (delivery.keepMs > 0) await keep(parts, delivery, 'cancelled', null, now, now + delivery.keepMs)
      else await statements.removeAll([delivery.id])
      return dependents ? cancelledOf(await cancelDependents(parts, delivery.id)) : nothing
    }
    case 'bury':
      await buryJob(parts, delivery, withFailure(delivery, settlement.failure), now)
      return nothing
    case 'retry': {
      const failures = JSON.stringify(withFailure(delivery, settlement.failure))
      await database.run(sql`update glueful_jobs set state = ${stateAfter(delivery, settlement.runAt, now)}, run_at = ${settlement.runAt}, claim = null, worker = null,
        started_at = null, failures = ${failures} where id = ${delivery.id}`)
      return nothing
    }
    case 'release':
      await database.run(sql`update glueful_jobs set state = ${stateAfter(delivery, settlement.runAt, now)}, run_at = ${settlement.runAt}, claim = null, worker = null,
        started_at = null, attempts = attempts - 1 where id = ${delivery.id}`)
      return nothing
  }
}

const nothing: readonly BatchChange[] = []

function stateAfter(delivery: Delivery, runAt: number, now: number): string {
  if (runAt > now) return 'delayed'
  return delivery.groupKey === undefined ? 'waiting' : 'grouped'
}

async function keep({ database }: SettleParts, delivery: Delivery, state: string, result: string | null, now: number, until: number): Promise<void> {
  // The key stays with a job that is done only as long as its window.
  const key = delivery.uniqueUntil !== undefined && delivery.uniqueUntil > now ? sql`unique_key` : sql`null`
  await database.run(sql`update glueful_jobs set state = ${state}, claim = null, result = ${result}, finished_at = ${now}, expires_at = ${until},
    unique_key = ${key} where id = ${delivery.id}`)
}

/** The history that a job carries, the latest attempts of it. */
export function withFailure(delivery: Pick<Delivery, 'failures'>, failure: Failure): readonly Failure[] {
  return [...delivery.failures, failure].slice(-mostFailures)
}

function changeOf({ delivery, kind }: Settlement): BatchChange | undefined {
  if (delivery.batchId === undefined || kind === 'retry' || kind === 'release') return undefined
  return { batchId: delivery.batchId, outcome: kind === 'complete' ? 'done' : kind === 'bury' ? 'failed' : 'cancelled' }
}
