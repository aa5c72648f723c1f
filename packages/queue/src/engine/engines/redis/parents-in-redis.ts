import { sql, type Database } from '@glueful/database'
import type { Redis } from 'ioredis'
import type { NewJob } from '../../stored-job.ts'
import type { Dispatched } from '../../../job/dispatcher.ts'
import { cancelledOf, countInBatches } from '../database/batches.ts'
import { cancelDependents, releaseDependents } from '../database/dependents.ts'

export interface ParentTools {
  readonly client: () => Redis
  /** Of a set in Redis: ids of jobs that some job in the database waits for. */
  readonly key: string
  readonly database: Database
  readonly now: () => number
  readonly enqueue: (jobs: readonly NewJob[]) => Promise<readonly Dispatched[]>
  readonly isInRedis: (id: string) => Promise<boolean>
  /** Told when the database may have work that it had not before. */
  readonly onReleased: () => void
}

const mostSwept = 50

/** Jobs in the database that wait for jobs in Redis; Redis knows for which of them anybody waits. */
export function createRedisParents({ client, key, database, now, enqueue, isInRedis, onReleased }: ParentTools) {
  async function tell(ended: readonly string[], work: (id: string) => Promise<void>): Promise<void> {
    if (ended.length === 0) return
    const waited = await client().smismember(key, ...ended)
    for (const [index, id] of ended.entries()) {
      if (waited[index] !== 1) continue
      await database.transaction(() => work(id))
      await client().srem(key, id)
      onReleased()
    }
  }

  const release = (done: readonly string[]) => tell(done, (id) => releaseDependents({ database, now }, id))

  /** In Redis, or on its way there. */
  async function isElsewhere(id: string): Promise<boolean> {
    if ((await database.first(sql`select 1 as there from glueful_job_outbox where id = ${id}`)) !== undefined) return true
    return isInRedis(id)
  }

  /** Whether those that wait for a job still have to. */
  async function isPending(id: string): Promise<boolean> {
    const stored = sql`select 1 as there from glueful_jobs where id = ${id} and state not in ('done', 'cancelled')`
    if ((await database.first(stored)) !== undefined) return true
    if ((await database.first(sql`select 1 as there from glueful_dead_letters where job_id = ${id} and state = 'open'`)) !== undefined) return true
    return isElsewhere(id)
  }

  return {
    release,
    /** Jobs that will never be done: what waits for them is taken out. */
    takeOut: (cancelled: readonly string[]) =>
      tell(cancelled, async (id) => countInBatches({ database, now, enqueue }, cancelledOf(await cancelDependents({ database, now }, id)))),
    /** Finds parents that ended without those that wait for them being told, because Redis or a process was lost in between. */
    async sweep(): Promise<void> {
      for (const id of await client().srandmember(key, mostSwept)) if (!(await isPending(id))) await release([id])
    },
    /** Says in Redis that somebody waits, before looking who is there: whoever ends from then on finds it said. */
    async note(job: NewJob): Promise<NewJob> {
      const { after } = job
      if (after === undefined) return job
      await client().sadd(key, ...after)
      const afterElsewhere: string[] = []
      for (const id of after) if (await isElsewhere(id)) afterElsewhere.push(id)
      return afterElsewhere.length === 0 ? job : { ...job, afterElsewhere }
    },
    /** One that has ended while its dependents were being written has found none. */
    async lookAgain(jobs: readonly NewJob[]): Promise<void> {
      for (const id of new Set(jobs.flatMap(({ afterElsewhere }) => afterElsewhere ?? []))) if (!(await isElsewhere(id))) await release([id])
    },
  }
}
