import { createHmac } from 'node:crypto'
import { sql, type Database } from '@glueful/database'
import { service, type Clock, type Service } from 'glueful'
import { hashSecret, randomSecret } from '../secret-text.ts'
import type { Sessions } from './sessions.ts'

/** Refresh tokens: each is used once and brings the next one of its family, which is the session. */
export interface RefreshTokens {
  /** The first one of a session that was just opened. */
  issue(sessionId: string): Promise<string>
  /**
   * Trades a token for the next. Twice within the grace, as when two requests of one client cross, it brings the same
   * next one; later it means that somebody has a copy, and ends the session on all devices that share it.
   */
  rotate(token: string): Promise<Rotation>
}

export type Rotation =
  | { readonly kind: 'next'; readonly sessionId: string; readonly userId: string; readonly next: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'reused'; readonly sessionId: string; readonly userId: string }

export const RefreshTokens: Service<RefreshTokens> = service<RefreshTokens>('refresh tokens')

export interface RefreshTokensParts {
  readonly db: Database
  readonly clock: Clock
  readonly sessions: Sessions
  /** In ms. */
  readonly lifetime: number
  readonly grace: number
}

interface Row {
  readonly session_id: string
  readonly user_id: string
  readonly secret: string
  readonly expires_at: number
  readonly used_at: number | null
  readonly ended_at: number | null
  readonly session_expires_at: number
}

type Verdict = { readonly kind: 'next'; readonly row: Row } | { readonly kind: 'refused' } | { readonly kind: 'reused'; readonly row: Row }

const format = /^gfr_[\w-]{43}$/

export function createRefreshTokens({ db, clock, sessions, lifetime, grace }: RefreshTokensParts): RefreshTokens {
  async function store(token: string, sessionId: string): Promise<void> {
    await db.run(sql`insert into auth_refresh_tokens (hash, session_id, created_at, expires_at, used_at)
      values (${hashSecret(token)}, ${sessionId}, ${clock.now()}, ${clock.now() + lifetime}, ${null})`)
  }

  /** Whoever marks the token as used first stores its successor, in the same transaction. */
  async function claim(token: string): Promise<Verdict> {
    const now = clock.now()
    const hash = hashSecret(token)
    const claimed = await db.run(sql`update auth_refresh_tokens set used_at = ${now} where hash = ${hash} and used_at is null and expires_at > ${now}`)
    const row = await db.first<Row>(sql`select t.session_id, t.expires_at, t.used_at, s.user_id, s.secret, s.ended_at, s.expires_at as session_expires_at
      from auth_refresh_tokens t join auth_sessions s on s.id = t.session_id where t.hash = ${hash}`)
    if (row === undefined || row.ended_at !== null || Number(row.session_expires_at) <= now) return { kind: 'refused' }
    if (claimed.rowCount > 0) {
      await store(successor(token, row.secret), row.session_id)
      await db.run(sql`update auth_sessions set last_used_at = ${now} where id = ${row.session_id}`)
      return { kind: 'next', row }
    }
    if (row.used_at === null) return { kind: 'refused' }
    return now - Number(row.used_at) <= grace ? { kind: 'next', row } : { kind: 'reused', row }
  }

  return {
    async issue(sessionId) {
      const token = `gfr_${randomSecret()}`
      await store(token, sessionId)
      return token
    },
    async rotate(token) {
      if (!format.test(token)) return { kind: 'refused' }
      const verdict = await db.transaction(() => claim(token))
      if (verdict.kind === 'refused') return verdict
      const { session_id: sessionId, user_id: userId, secret } = verdict.row
      if (verdict.kind === 'next') return { kind: 'next', sessionId, userId, next: successor(token, secret) }
      await sessions.end(sessionId, 'refresh token reused')
      return { kind: 'reused', sessionId, userId }
    },
  }
}

/**
 * The next token follows from the one before and a secret of the session, so that it can be given a second time without
 * having been stored: neither the table nor an old token alone leads to it.
 */
function successor(token: string, secret: string): string {
  return `gfr_${createHmac('sha256', secret).update(token).digest('base64url')}`
}
