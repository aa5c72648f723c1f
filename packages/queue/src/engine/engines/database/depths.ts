import { inTransaction, outsideTransaction, sql, type Database } from '@glueful/database'
import type { Clock, Logger } from 'glueful'
import type { QueueDepth } from '../../engine.ts'
import { countJobs, type JobCount } from './count-jobs.ts'

export interface DepthsParts {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
}

/** Counts that any process may use, as they were stored by the one that counted. */
interface Shared {
  readonly counts: readonly JobCount[]
  readonly at: number
  readonly costMs: number
}

/** Fewer jobs are counted whenever somebody asks. */
const manyJobs = 10_000
/** Counting may take this part of the time, over all processes. */
const share = 0.05
const longestMs = 30_000
/** After which a process that said that it counts is taken to be gone. */
const countingMs = 60_000

/**
 * What waits where. Counting takes longer the more there is, and every scrape and every worker asks: beyond some thousand
 * jobs, what one process has counted is used by all, for twenty times as long as counting took.
 */
export function createDepths({ database, clock, log }: DepthsParts) {
  let refreshing: Promise<void> | undefined

  async function readShared(): Promise<Shared | undefined> {
    const row = await database.first<{ counts: string; at: unknown; cost_ms: unknown }>(
      sql`select counts, at, cost_ms from glueful_queue_counts where id = 1`,
      { fresh: true },
    )
    return row === undefined || row.counts === ''
      ? undefined
      : { counts: JSON.parse(row.counts) as JobCount[], at: Number(row.at), costMs: Number(row.cost_ms) }
  }

  async function count(): Promise<readonly JobCount[]> {
    const at = clock.now()
    const begun = clock.monotonic()
    const counts = await countJobs(database)
    const costMs = Math.ceil(clock.monotonic() - begun)
    const total = counts.reduce((sum, one) => sum + one.count, 0)
    if (total >= manyJobs) await store(JSON.stringify(counts), Math.round(at), costMs)
    else await database.run(sql`update glueful_queue_counts set counts = '', counting_until = 0 where id = 1 and counts <> ''`)
    return counts
  }

  async function store(counts: string, at: number, costMs: number): Promise<void> {
    const insert = sql`insert into glueful_queue_counts (id, at, cost_ms, counting_until, counts) values (1, ${at}, ${costMs}, 0, ${counts})`
    const set = (of: (name: string) => string) => sql.raw(['at', 'cost_ms', 'counting_until', 'counts'].map((name) => `${name} = ${of(name)}`).join(', '))
    await (database.dialect === 'mysql'
      ? database.run(sql`${insert} on duplicate key update ${set((name) => `values(${name})`)}`)
      : database.run(sql`${insert} on conflict (id) do update set ${set((name) => `excluded.${name}`)}`))
  }

  /** Counts anew, unless another process is about it, or has done so since. */
  async function refresh(seenAt: number): Promise<void> {
    const now = Math.round(clock.now())
    const { rowCount } = await database.run(
      sql`update glueful_queue_counts set counting_until = ${now + countingMs} where id = 1 and at = ${seenAt} and counting_until < ${now}`,
    )
    if (rowCount > 0) await count()
  }

  async function current(): Promise<readonly JobCount[]> {
    const shared = await readShared()
    if (shared === undefined) return count()
    const age = clock.now() - shared.at
    if (age < 0 || age > longestMs) return count()
    if (age > shared.costMs / share)
      refreshing ??= refresh(shared.at)
        .catch((err: unknown) => log.warn({ err }, 'Stored jobs could not be counted; the counts of before are shown'))
        .finally(() => (refreshing = undefined))
    return shared.counts
  }

  return {
    async depths(): Promise<readonly QueueDepth[]> {
      // A transaction sees jobs that nobody else may count.
      const counts = inTransaction() ? await countJobs(database) : await outsideTransaction(current)
      const paused = await database.all<{ queue: string }>(sql`select queue from glueful_queues where paused = 1`)
      return toDepths(counts, new Set(paused.map(({ queue }) => queue)))
    },
    /** Resolves when nothing is counted in the background any more. */
    stop: async () => refreshing,
  }
}

function toDepths(counts: readonly JobCount[], paused: ReadonlySet<string>): QueueDepth[] {
  const names = new Set([...counts.map(({ queue }) => queue), ...paused])
  return [...names].sort().map((queue) => {
    const own = counts.filter((row) => row.queue === queue)
    const oldest = own.flatMap(({ oldestAt }) => oldestAt ?? [])
    return {
      queue,
      states: Object.fromEntries(own.map(({ state, count }) => [state, count])),
      oldestAt: oldest.length === 0 ? undefined : Math.min(...oldest),
      paused: paused.has(queue),
    }
  })
}
