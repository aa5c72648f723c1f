import { randomUUID } from 'node:crypto'
import { afterCommit, sql, type Database } from '@glueful/database'
import { service, type Clock, type Service } from 'glueful'
import { fresh } from '../fresh.ts'
import { hashSecret, randomSecret } from '../secret-text.ts'
import type { Revocations } from './revocations.ts'

/** A login on one device: of a browser by cookie, or of a client by tokens. */
export interface Session {
  readonly id: string
  readonly userId: string
  readonly kind: SessionKind
  readonly createdAt: number
  readonly lastUsedAt: number
  /** Ends then at the latest. Times are in ms since the epoch. */
  readonly expiresAt: number
  readonly ip: string
  readonly userAgent: string
}

export type SessionKind = 'cookie' | 'token'

/** Where a login comes from, as its user will see it in the list of devices. */
export interface Device {
  readonly ip: string
  readonly userAgent: string
}

export interface Sessions {
  /** `secret` is what the cookie holds; it is shown once and stored as a hash. */
  open(kind: SessionKind, userId: string, device: Device): Promise<{ readonly session: Session; readonly secret: string }>
  /** The cookie session with this secret, unless it has ended or expired; using it puts off its idle expiry. */
  findBySecret(secret: string): Promise<Session | undefined>
  /** What is open, the one used last first. */
  list(userId: string): Promise<readonly Session[]>
  /** Ends a session and, within a second, every token of it everywhere. Resolves to whether it was open. */
  end(id: string, reason: string): Promise<boolean>
  /** Ends all of a user's sessions but `except`. Resolves to their ids. */
  endAll(userId: string, reason: string, except?: string): Promise<readonly string[]>
  /** Deletes what nobody can use any more. */
  prune(): Promise<void>
}

export const Sessions: Service<Sessions> = service<Sessions>('sessions')

export interface SessionsParts {
  readonly db: Database
  readonly clock: Clock
  readonly revocations: Revocations
  /** All in ms. */
  readonly idle: number
  readonly lifetime: number
  /** How long tokens outlive their session's end in the table. */
  readonly tokenLifetime: number
}

interface Row {
  readonly id: string
  readonly user_id: string
  readonly kind: SessionKind
  readonly created_at: number
  readonly last_used_at: number
  readonly idle_until: number
  readonly expires_at: number
  readonly ip: string
  readonly user_agent: string
}

/** A session that is used all the time is written once in this time, in ms. */
const touchPause = 60_000
const columns = sql.raw('id, user_id, kind, created_at, last_used_at, idle_until, expires_at, ip, user_agent')

export function createSessions({ db, clock, revocations, idle, lifetime, tokenLifetime }: SessionsParts): Sessions {
  /** Open, and neither idle nor too old. */
  const isOpen = () => sql`ended_at is null and expires_at > ${clock.now()} and idle_until > ${clock.now()}`

  return {
    async open(kind, userId, { ip, userAgent }) {
      const secret = randomSecret()
      const now = clock.now()
      const session: Session = {
        id: randomUUID(),
        userId,
        kind,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now + lifetime,
        ip,
        userAgent: userAgent.slice(0, 255),
      }
      // A family of tokens is idle when its refresh token has expired, which that token says itself.
      const idleUntil = kind === 'cookie' ? now + idle : session.expiresAt
      await db.run(sql`insert into auth_sessions (id, user_id, kind, secret, created_at, last_used_at, idle_until, expires_at, ended_at, end_reason, ip, user_agent)
        values (${session.id}, ${userId}, ${kind}, ${hashSecret(secret)}, ${now}, ${now}, ${idleUntil}, ${session.expiresAt}, ${null}, ${null}, ${ip}, ${session.userAgent})`)
      return { session, secret }
    },

    async findBySecret(secret) {
      const row = await db.first<Row>(sql`select ${columns} from auth_sessions where secret = ${hashSecret(secret)} and kind = 'cookie' and ${isOpen()}`, fresh)
      if (row === undefined) return undefined
      const now = clock.now()
      if (now - Number(row.last_used_at) >= touchPause)
        await db.run(sql`update auth_sessions set last_used_at = ${now}, idle_until = ${now + idle} where id = ${row.id} and ended_at is null`)
      return toSession(row)
    },

    async list(userId) {
      const rows = await db.all<Row>(sql`select ${columns} from auth_sessions where user_id = ${userId} and ${isOpen()} order by last_used_at desc, id`, fresh)
      return rows.map(toSession)
    },

    async end(id, reason) {
      const { rowCount } = await db.run(sql`update auth_sessions set ended_at = ${clock.now()}, end_reason = ${reason} where id = ${id} and ended_at is null`)
      if (rowCount > 0) afterCommit(() => revocations.add([id]))
      return rowCount > 0
    },

    endAll: (userId, reason, except) =>
      db.transaction(async () => {
        const open = sql`user_id = ${userId} and ended_at is null and id <> ${except ?? ''}`
        const rows = await db.all<{ id: string }>(sql`select id from auth_sessions where ${open}`)
        if (rows.length === 0) return []
        await db.run(sql`update auth_sessions set ended_at = ${clock.now()}, end_reason = ${reason} where ${open}`)
        const ids = rows.map(({ id }) => id)
        afterCommit(() => revocations.add(ids))
        return ids
      }),

    async prune() {
      const longAgo = clock.now() - 2 * tokenLifetime
      await db.run(sql`delete from auth_refresh_tokens where expires_at < ${longAgo}`)
      await db.run(sql`delete from auth_sessions where expires_at < ${longAgo} or ended_at < ${longAgo}`)
    },
  }
}

function toSession(row: Row): Session {
  return {
    id: row.id,
    userId: row.user_id,
    kind: row.kind,
    createdAt: Number(row.created_at),
    lastUsedAt: Number(row.last_used_at),
    expiresAt: Number(row.expires_at),
    ip: row.ip,
    userAgent: row.user_agent,
  }
}
