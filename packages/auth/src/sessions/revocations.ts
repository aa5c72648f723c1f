import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Logger, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { fresh } from '../fresh.ts'

/**
 * Sessions that ended while tokens of theirs may still be in use. A session that ends anywhere is known everywhere within
 * a second: each process asks the database twice in that time. Redis would not make it more certain, only quicker.
 */
export interface Revocations {
  /**
   * Answers at once.
   * @throws `AUTH_NOT_READY` (503) as long as they were never read: then nobody knows
   */
  has(sessionId: string): boolean
  /** What ended in this process counts without waiting for the database. */
  add(sessionId: string): void
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
}

const pause = 500
/** Rows appear when their transaction commits, later than their time says, and clocks differ: this much is read again. */
const overlap = 60_000

export interface WatchedRevocations extends Revocations {
  start(): Promise<void>
  stop(): Promise<void>
}

export function createRevocations({ db, clock, log, tokenLifetime }: RevocationsParts): WatchedRevocations {
  // When each was seen to have ended; none is needed longer than tokens live.
  const ended = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined
  let under: Promise<void> | undefined
  let wholeAt = -Infinity
  let failing = false

  async function read(): Promise<void> {
    const now = clock.now()
    const whole = now - wholeAt >= overlap
    const since = now - (whole ? tokenLifetime + overlap : overlap)
    const rows = await db.all<{ id: string; ended_at: number }>(sql`select id, ended_at from auth_sessions where ended_at > ${since}`, fresh)
    for (const { id, ended_at: at } of rows) ended.set(id, Number(at))
    if (!whole) return
    wholeAt = now
    for (const [id, at] of ended) if (at <= since) ended.delete(id)
  }

  async function poll(): Promise<void> {
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
      return ended.has(id)
    },
    add: (id) => void ended.set(id, clock.now()),
    // One that is under way may have read before what the caller wants to see.
    refresh: async () => {
      await under
      await read()
    },
    async start() {
      // Before the first migration there is no table; what needs it is refused until there is.
      await poll()
      timer = setInterval(() => void poll(), pause)
      timer.unref()
    },
    async stop() {
      clearInterval(timer)
      await under?.catch(() => undefined)
    },
  }
}
