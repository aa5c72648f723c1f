import { sql, type Database } from '@glueful/database'
import type { JobJson } from 'bullmq'
import { fail } from '../../../errors.ts'
import type { Delivery, Settlement } from '../../engine.ts'
import type { NewJob } from '../../stored-job.ts'
import { buryForeign } from '../database/bury.ts'
import { withFailure } from '../database/settle.ts'
import type { HeldJob, HeldJobs } from './held-jobs.ts'
import { toNewJob } from './redis-job.ts'

export interface SettleTools {
  readonly held: HeldJobs
  readonly database: Database
  readonly now: () => number
  readonly leaseMs: number
  readonly follow: (jobs: readonly NewJob[]) => Promise<void>
}

export interface Settling {
  readonly isAccepted: boolean
  /** The job that Redis gave out in exchange, under the same claim. */
  readonly next?: Fetched | undefined
}

export interface Fetched {
  readonly data: JobJson
  readonly id: string
}

const accepted: Settling = { isAccepted: true }
const refused: Settling = { isAccepted: false }

function fetchedOf(answer: unknown): Fetched | undefined {
  const [data, id] = (answer ?? []) as [JobJson | undefined, string | undefined]
  return data == null || id == null ? undefined : { data, id }
}

/** Records in Redis what became of its jobs. */
export function createRedisSettling({ held, database, now, leaseMs, follow }: SettleTools) {
  async function write({ job, delivery }: HeldJob, settlement: Settlement, fetchNext: boolean): Promise<Settling> {
    const isMine = async () => (await job.extendLock(delivery.claim, leaseMs)) === 1
    switch (settlement.kind) {
      case 'complete':
        if (settlement.follow !== undefined) await follow(settlement.follow)
        return { isAccepted: true, next: fetchedOf(await job.moveToCompleted(undefined, delivery.claim, fetchNext)) }
      case 'cancel':
        await job.moveToCompleted(undefined, delivery.claim, false)
        return accepted
      case 'retry':
        if (!(await isMine())) return refused
        await job.updateData({ ...job.data, runAt: settlement.runAt, failures: withFailure(delivery, settlement.failure) })
        await job.moveToDelayed(settlement.runAt, delivery.claim)
        return accepted
      case 'bury':
        if (!(await isMine())) return refused
        await buryForeign(database, toNewJob(job, delivery.queue), delivery.attempt, withFailure(delivery, settlement.failure), now())
        await job.moveToCompleted(undefined, delivery.claim, false)
        return accepted
      case 'release':
        if (!(await isMine())) return refused
        // Said by what it comes to, so that saying it again changes nothing.
        await job.updateData({ ...job.data, runAt: settlement.runAt, released: job.attemptsStarted + 1 - delivery.attempt })
        if (settlement.runAt > now()) await job.moveToDelayed(settlement.runAt, delivery.claim)
        else await job.moveToWait(delivery.claim)
        return accepted
    }
  }

  /**
   * Refused when the job belongs to somebody else by now. With `fetchNext`, a job that is done is exchanged for the next
   * one of its queue in the same command.
   * @throws what Redis fails with; the job is still the worker's then, and may be settled again
   */
  async function settleOne(settlement: Settlement, fetchNext = false): Promise<Settling> {
    const mine = held.find(settlement.delivery)
    if (mine === undefined) return refused
    let settled: Settling
    try {
      settled = await write(mine, settlement, fetchNext)
    } catch (err) {
      if (!isLost(err)) throw err
      settled = refused
    }
    held.forget(mine)
    return settled
  }

  /**
   * Redis and the database have no commit in common: the row of the job keeps its effects from happening twice. False
   * where the work is done, and Redis does not know yet.
   */
  async function settleWithin(delivery: Delivery, work: () => Promise<unknown>): Promise<boolean> {
    const lost = () => fail('JOB_LEASE_LOST', { job: delivery.job, id: delivery.id })
    const mine = held.find(delivery)
    if (mine === undefined) throw lost()
    await database.transaction(async () => {
      const done = await database.first(sql`select 1 as done from glueful_job_effects where job_id = ${delivery.id}`)
      if (done !== undefined) return
      await database.run(sql`insert into glueful_job_effects (job_id, at) values (${delivery.id}, ${now()})`)
      await work()
      if ((await mine.job.extendLock(delivery.claim, leaseMs).catch(() => 0)) === 1) return
      // Nobody here says any more what becomes of it. Where Redis was only away, signs of life would keep its lock for ever.
      held.forget(mine)
      throw lost()
    })
    return settleOne({ kind: 'complete', delivery }).then(
      ({ isAccepted }) => isAccepted,
      () => false,
    )
  }

  return { settleOne, settleWithin }
}

export type RedisSettling = ReturnType<typeof createRedisSettling>

/** BullMQ says so when the lock is missing or another's, or the job is not active any more. */
function isLost(error: unknown): boolean {
  return error instanceof Error && /Missing lock|Lock mismatch|not in the active state|Missing key/i.test(error.message)
}
