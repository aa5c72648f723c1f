import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Logger, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { fresh } from '../fresh.ts'
import type { RevocationChannel } from './revocation-channel.ts'

/**
 * Sessions that ended while tokens of theirs may still be in use. A session that ends anywhere is known everywhere within
 * a second: each process asks the database twice in that time. Where there is Redis, processes also tell each other, which
 * takes milliseconds. They ask the database as often all the same: one that is cut off from Redis can end sessions, and
 * only the database brings those to the others.
 */
export interface Revocations {
  /**
   * Answers at once.
   * @throws `AUTH_NOT_READY` (503) as long as they were never read: then nobody knows
   */
  has(sessionId: string): boolean
  /** What ended in this process counts without waiting for the database, and is announced to the others. */
  add(sessionIds: readonly string[]): void
  /** Asks the database now. */
  refresh(): Promise<void>
}

export const Revocations: Service<Revocations> = service<Revocations>('revocations')

export interface RevocationsParts {
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  /** How long tokens may be in use, in ms: their lifetime and the skew. */
  readonly tokenLifetime: number
  /** Where there is Redis. */
  readonly channel: RevocationChannel | undefined
}

const pause = 500
/** Rows appear when their transaction commits, later than their time says, and clocks differ: this much is read again. */
const overlap = 60_000
/** Announced and not yet seen in the database: what goes beyond waits for it. So no flood of messages fills the memory. */
const mostAnnounced = 10_000

export interface WatchedRevocations extends Revocations {
  start(): Promise<void>
  stop(): Promise<void>
}

export function createRevocations({ db, clock, log, tokenLifetime, channel }: RevocationsParts): WatchedRevocations {
  // When each was seen to have ended; none is needed longer than tokens live.
  const ended = new Map<string, number>()
  // Heard of and not yet seen in the database, with the time.
  const announced = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let under: Promise<void> | undefined
  let wholeAt = -Infinity
  let failing = false
  let stopped = false

  async function read(): Promise<void> {
    const now = clock.now()
    const whole = now - wholeAt >= overlap
    const since = now - (whole ? tokenLifetime + overlap : overlap)
    const rows = await db.all<{ id: string; ended_at: number }>(sql`select id, ended_at from auth_sessions where ended_at > ${since}`, fresh)
    for (const { id, ended_at: at } of rows) {
      ended.set(id, Number(at))
      announced.delete(id)
    }
    if (!whole) return
    wholeAt = now
    for (const [id, at] of ended) if (at <= since) ended.delete(id)
    // The database would have said so by now.
    for (const [id, at] of announced) if (at <= now - overlap) announced.delete(id)
  }

  function hear(ids: readonly string[]): void {
    for (const id of ids) if (announced.size < mostAnnounced && !ended.has(id)) announced.set(id, clock.now())
  }

  async function poll(): Promise<void> {
    // Redis may join while the application stops, when its database is closed already.
    if (stopped) return
    try {
      await (under ??= read().finally(() => (under = undefined)))
      failing = false
    } catch (error) {
      if (!failing) log.error({ err: error }, 'Ended sessions cannot be read; tokens are checked against those known so far')
      failing = true
    }
  }

  return {
    has: (id) => {
      if (wholeAt === -Infinity) throw fail('AUTH_NOT_READY', undefined, { headers: ['retry-after', '1'] })
      return ended.has(id) || announced.has(id)
    },
    add(ids) {
      for (const id of ids) ended.set(id, clock.now())
      channel?.announce(ids)
    },
    // One that is under way may have read before what the caller wants to see.
    refresh: async () => {
      await under
      await read()
    },
    async start() {
      // Before the first migration there is no table; what needs it is refused until there is.
      await poll()
      channel?.start(hear, () => void poll())
      timer = setInterval(() => void poll(), pause)
      timer.unref()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await under?.catch(() => undefined)
    },
  }
}
