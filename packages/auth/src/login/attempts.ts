import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Service } from 'glueful'
import { hashSecret } from '../secret-text.ts'

/** Who or what may fail only so often: an account, an address. */
export interface AttemptSubject {
  readonly name: string
  readonly max: number
}

export type Reservation =
  | { readonly kind: 'reserved'; readonly tries: readonly Reserved[] }
  /** `retryAfter` in ms; `locked` is false where only others who try at this moment stand in the way. */
  | { readonly kind: 'refused'; readonly retryAfter: number; readonly locked: boolean }

interface Reserved extends AttemptSubject {
  readonly hash: string
}

/**
 * Counts failures, exactly, however many processes count: a try is counted before it is made, and taken back when it
 * succeeds. A thousand passwords at once are so `max` passwords.
 */
export interface Attempts {
  /** Counts a try for all subjects, or for none when one of them has no tries left. */
  reserve(subjects: readonly AttemptSubject[]): Promise<Reservation>
  /** The try was good: forgets what `cleared` did wrong before, and takes this one back from the others. */
  succeed(tries: readonly Reserved[], cleared: AttemptSubject): Promise<void>
  /** The try was bad. Resolves to the names of those that are locked by it. */
  fail(tries: readonly Reserved[]): Promise<readonly string[]>
  /** The try was not made. */
  release(tries: readonly Reserved[]): Promise<void>
  prune(): Promise<void>
}

export const Attempts: Service<Attempts> = service<Attempts>('login attempts')

export interface AttemptsParts {
  readonly db: Database
  readonly clock: Clock
  /** How long failures count, and how long the first lock lasts; each further one twice as long, up to a day. In ms. */
  readonly lockout: number
}

interface Row {
  readonly failures: number
  readonly pending: number
  readonly lockouts: number
  readonly last_at: number
  readonly counts_until: number
  readonly locked_until: number | null
}

const day = 86_400_000
/** Longest that a comparison of passwords is waited for, in ms: a try whose process never said how it ended has failed. */
const tryTimeout = 30_000
const columns = sql.raw('failures, pending, lockouts, last_at, counts_until, locked_until')

export function createAttempts({ db, clock, lockout }: AttemptsParts): Attempts {
  async function reserveOne({ hash, max }: Reserved): Promise<Extract<Reservation, { kind: 'refused' }> | undefined> {
    for (;;) {
      const now = clock.now()
      const counted = await db.run(sql`update auth_attempts set pending = pending + 1, last_at = ${now}
        where subject = ${hash} and failures + pending < ${max} and counts_until > ${now} and locked_until is null`)
      if (counted.rowCount > 0) return undefined
      const row = await db.first<Row>(sql`select ${columns} from auth_attempts where subject = ${hash}`)
      if (row === undefined) {
        if (await insert(hash, now)) return undefined
      } else if (Number(row.counts_until) <= now) {
        if (await renew(hash, row, now)) return undefined
      } else if (row.locked_until !== null) {
        return { kind: 'refused', locked: true, retryAfter: Number(row.locked_until) - now }
      } else if (row.failures + row.pending >= max) {
        if (now - Number(row.last_at) <= tryTimeout) return { kind: 'refused', locked: false, retryAfter: 1_000 }
        await settle(hash, row, max, now)
      }
    }
  }

  /** False when another process was first. */
  async function insert(hash: string, now: number): Promise<boolean> {
    try {
      // A savepoint, because PostgreSQL gives up a transaction in which something failed.
      await db.transaction(() =>
        db.run(sql`insert into auth_attempts (subject, failures, pending, lockouts, last_at, counts_until, locked_until)
          values (${hash}, 0, 1, 0, ${now}, ${now + lockout}, ${null})`),
      )
      return true
    } catch (error) {
      if ((error as { code?: unknown }).code === 'UNIQUE_VIOLATION') return false
      throw error
    }
  }

  /** Starts to count anew when the time has passed; locks are remembered for a day. False when another process was first. */
  async function renew(hash: string, row: Row, now: number): Promise<boolean> {
    const lockouts = now - Number(row.last_at) > day ? 0 : row.lockouts
    const { rowCount } = await db.run(sql`update auth_attempts
      set failures = 0, pending = 1, lockouts = ${lockouts}, last_at = ${now}, counts_until = ${now + lockout}, locked_until = ${null}
      where subject = ${hash} and counts_until = ${Number(row.counts_until)}`)
    return rowCount > 0
  }

  /** Tries of a process that died count as failures. */
  async function settle(hash: string, row: Row, max: number, now: number): Promise<void> {
    const { rowCount } = await db.run(sql`update auth_attempts set failures = failures + pending, pending = 0, last_at = ${now}
      where subject = ${hash} and last_at = ${Number(row.last_at)}`)
    if (rowCount > 0) await lock(hash, max, now)
  }

  /** Resolves to whether it was this call that locked. */
  async function lock(hash: string, max: number, now: number): Promise<boolean> {
    const row = await db.first<Row>(sql`select ${columns} from auth_attempts where subject = ${hash}`)
    if (row === undefined || row.failures < max) return false
    const until = now + Math.min(lockout * 2 ** Math.min(row.lockouts, 20), day)
    const { rowCount } = await db.run(sql`update auth_attempts set lockouts = lockouts + 1, locked_until = ${until}, counts_until = ${until}, last_at = ${now}
      where subject = ${hash} and failures >= ${max} and locked_until is null`)
    return rowCount > 0
  }

  async function release(tries: readonly Reserved[]): Promise<void> {
    for (const { hash } of tries) await db.run(sql`update auth_attempts set pending = pending - 1 where subject = ${hash} and pending > 0`)
  }

  return {
    release,
    async reserve(subjects) {
      const tries: Reserved[] = []
      for (const subject of subjects) {
        const one = { ...subject, hash: hashSecret(subject.name) }
        const refused = await reserveOne(one)
        if (refused !== undefined) {
          await release(tries)
          return refused
        }
        tries.push(one)
      }
      return { kind: 'reserved', tries }
    },
    async succeed(tries, cleared) {
      await release(tries)
      await db.run(sql`update auth_attempts set failures = 0, lockouts = 0 where subject = ${hashSecret(cleared.name)} and locked_until is null`)
    },
    async fail(tries) {
      const locked: string[] = []
      const now = clock.now()
      for (const { name, hash, max } of tries) {
        await db.run(sql`update auth_attempts set failures = failures + 1, pending = pending - 1, last_at = ${now} where subject = ${hash} and pending > 0`)
        if (await lock(hash, max, now)) locked.push(name)
      }
      return locked
    },
    prune: async () => void (await db.run(sql`delete from auth_attempts where last_at < ${clock.now() - 2 * day}`)),
  }
}
