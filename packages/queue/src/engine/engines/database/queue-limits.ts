import { sql, type Database } from '@glueful/database'
import type { Delivery, QueueLimitRecord } from '../../engine.ts'
import type { Limits } from '../../stored-job.ts'
import { turn } from './turn.ts'

export interface QueueLimitsParts {
  readonly database: Database
  readonly now: () => number
  /** By the name of the queue. */
  readonly limits: ReadonlyMap<string, Limits>
}

/** A window of a rate, as it is stored. */
interface Window {
  readonly window_at: unknown
  readonly window_count: unknown
}

/** Limits of whole queues: all that is given out from one goes through here, whatever its jobs are and whoever asks. */
export function createQueueLimits({ database, now: clock, limits }: QueueLimitsParts) {
  // When queues that have started all that they may, and have more, may start the next.
  const opensAt = new Map<string, number>()

  const runningIn = (queue: string) => sql`(select count(*) from glueful_jobs a where a.queue = ${queue} and a.state = 'active')`

  /** A look without a lock, so that a queue that is empty, paused or full costs nobody their turn. */
  async function look(queue: string, limit: Limits, now: number): Promise<boolean> {
    const running = limit.concurrency === undefined ? sql`0` : runningIn(queue)
    const found = await database.first<Window & { running: unknown; ready: unknown }>(
      sql`select l.window_at, l.window_count, ${running} as running,
      case when not exists (select 1 from glueful_queues q where q.queue = ${queue} and q.paused = 1)
        and (exists (select 1 from glueful_jobs w where w.queue = ${queue} and w.state = 'waiting')
          or exists (select 1 from glueful_jobs s where s.queue = ${queue} and s.state = 'suspect')
          or exists (select 1 from glueful_job_groups g where g.queue = ${queue}
            and exists (select 1 from glueful_jobs j where j.group_key = g.group_key and j.state = 'grouped')))
        then 1 else 0 end as ready
      from (select 1 as one) o left join glueful_queue_limits l on l.queue = ${queue}`,
      { fresh: true },
    )
    if (found === undefined || Number(found.ready) === 0) return false
    if (found.window_at === null) await addRow(queue)
    return roomOf(queue, limit, found, Number(found.running), now) > 0
  }

  async function addRow(queue: string): Promise<void> {
    const insert = sql`insert into glueful_queue_limits (queue, window_at, window_count) values (${queue}, 0, 0)`
    await (database.dialect === 'mysql'
      ? database.run(sql`${insert} on duplicate key update queue = queue`)
      : database.run(sql`${insert} on conflict (queue) do nothing`))
  }

  function roomOf(queue: string, { concurrency, rate }: Limits, window: Window, running: number, now: number): number {
    const room = concurrency === undefined ? Infinity : concurrency - running
    if (rate === undefined) return room
    const left = rate.limit - usedOf(rate, window, now)
    if (left <= 0) opensAt.set(queue, Number(window.window_at) + rate.perMs)
    return Math.min(room, left)
  }

  /** Gives out what the limits of a queue leave room for, up to `wanted`: counting and taking are one step, under the lock on its row. */
  async function claimWithin(queue: string, limit: Limits, wanted: number, take: (room: number) => Promise<Delivery[]>): Promise<Delivery[]> {
    if (!(await look(queue, limit, clock()))) return []
    return turn(database, async () => {
      const lock = database.dialect === 'sqlite' ? sql`` : sql` for update`
      const window = await database.first<Window>(sql`select window_at, window_count from glueful_queue_limits where queue = ${queue}${lock}`)
      const now = clock()
      const running = limit.concurrency === undefined ? undefined : await database.first<{ n: unknown }>(sql`select ${runningIn(queue)} as n`)
      const room = Math.min(wanted, roomOf(queue, limit, window ?? { window_at: 0, window_count: 0 }, Number(running?.n ?? 0), now))
      if (room <= 0) return []
      const taken = await take(room)
      if (limit.rate !== undefined && taken.length > 0) await count(queue, limit.rate, window, taken.length, now)
      return taken
    })
  }

  async function count(queue: string, rate: NonNullable<Limits['rate']>, window: Window | undefined, started: number, now: number): Promise<void> {
    const used = window === undefined ? 0 : usedOf(rate, window, now)
    const at = used === 0 ? now : Number(window?.window_at)
    await database.run(sql`update glueful_queue_limits set window_at = ${at}, window_count = ${used + started} where queue = ${queue}`)
    if (used + started >= rate.limit) opensAt.set(queue, at + rate.perMs)
  }

  return {
    of: (queue: string) => limits.get(queue),
    claimWithin,
    /** Queues whose next window has begun, and when that of another one does. */
    opened(): { readonly queues: readonly string[]; readonly nextAt: number | undefined } {
      if (opensAt.size === 0) return { queues: [], nextAt: undefined }
      const now = clock()
      const queues = [...opensAt].filter(([, at]) => at <= now).map(([queue]) => queue)
      for (const queue of queues) opensAt.delete(queue)
      return { queues, nextAt: opensAt.size === 0 ? undefined : Math.min(...opensAt.values()) }
    },
    async list(): Promise<QueueLimitRecord[]> {
      const records: QueueLimitRecord[] = []
      for (const [queue, { concurrency, rate }] of limits) {
        const window = await database.first<Window & { running: unknown }>(
          sql`select l.window_at, l.window_count, ${runningIn(queue)} as running from (select 1 as one) o left join glueful_queue_limits l on l.queue = ${queue}`,
        )
        records.push({
          queue,
          concurrency: concurrency === undefined ? undefined : { limit: concurrency, active: Number(window?.running ?? 0) },
          rate: rate === undefined ? undefined : { ...rate, used: window === undefined ? 0 : usedOf(rate, window, clock()) },
        })
      }
      return records
    },
  }
}

export type QueueLimits = ReturnType<typeof createQueueLimits>

function usedOf({ perMs }: NonNullable<Limits['rate']>, { window_at, window_count }: Window, now: number): number {
  return Number(window_at) + perMs <= now ? 0 : Number(window_count)
}
