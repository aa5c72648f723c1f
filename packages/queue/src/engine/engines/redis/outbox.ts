import { afterCommit, outsideTransaction, sql, type Database } from '@glueful/database'
import type { Logger } from 'glueful'
import type { NewJob } from '../../stored-job.ts'

const partSize = 200

export interface OutboxParts {
  readonly database: Database
  readonly now: () => number
  /** Whether Redis would take jobs now. */
  readonly isReady: () => boolean
  readonly deliver: (jobs: readonly NewJob[]) => Promise<void>
  readonly log: Logger
}

/**
 * Jobs that are dispatched in a transaction, on their way to Redis: they are rows that commit with it, and are handed on
 * after the commit – by this process at once, by any other when this one dies in between. Handing on twice does no harm
 * while the job is there, because its id is its name in Redis.
 */
export function createOutbox({ database, now, isReady, deliver, log }: OutboxParts) {
  async function relay(): Promise<number> {
    let count = 0
    for (;;) {
      const taken = await database.transaction(async () => {
        const lock = database.dialect === 'sqlite' ? sql`` : sql` for update skip locked`
        const rows = await database.all<{ id: string; body: string }>(sql`select id, body from glueful_job_outbox order by id limit ${partSize}${lock}`)
        if (rows.length === 0) return 0
        await deliver(rows.map(({ body }) => JSON.parse(body) as NewJob))
        await database.run(sql`delete from glueful_job_outbox where id in (${sql.join(rows.map(({ id }) => id))})`)
        return rows.length
      })
      count += taken
      if (taken < partSize) return count
    }
  }
  let running: Promise<unknown> | undefined
  const relaySoon = () => {
    // Else a worker hands them on when Redis is back.
    if (!isReady()) return undefined
    running ??= outsideTransaction(relay)
      .catch((err: unknown) => log.warn({ err }, 'Jobs wait in the outbox until Redis and the database answer again'))
      .finally(() => (running = undefined))
    return running
  }
  return {
    relay: () => outsideTransaction(relay),
    /** Stores jobs, all or none, in the transaction that is open here where there is one. */
    async add(jobs: readonly NewJob[]): Promise<void> {
      await database.transaction(async () => {
        for (let at = 0; at < jobs.length; at += partSize) {
          const values = jobs.slice(at, at + partSize).map((job) => sql`(${job.id}, ${JSON.stringify(job)}, ${now()})`)
          await database.run(sql`insert into glueful_job_outbox (id, body, created_at) values ${sql.join(values)}`)
        }
      })
      // One that is under way may have looked before this commit.
      afterCommit(async () => {
        await running
        await relaySoon()
      })
    },
    idle: async () => void (await running),
  }
}
