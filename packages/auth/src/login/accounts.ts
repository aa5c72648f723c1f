import { transaction } from '@glueful/database'
import { service, type Clock, type Service } from 'glueful'
import { fail } from '../errors.ts'
import {
  EmailVerificationRequested,
  EmailVerified,
  LoginSucceeded,
  PasswordChanged,
  PasswordResetRequested,
  RefreshTokenReused,
  SessionEnded,
  type RequestOrigin,
} from '../events.ts'
import type { OneTimeTokens } from '../one-time/one-time-tokens.ts'
import type { PasswordPolicy } from '../passwords/password-policy.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { Record } from '../record.ts'
import type { RefreshTokens } from '../sessions/refresh-tokens.ts'
import type { Device, Session, Sessions } from '../sessions/sessions.ts'
import type { Tokens } from '../tokens/tokens.ts'
import type { AuthUser, UserStore } from '../users/user-store.ts'
import { addressName } from './address-name.ts'
import type { Attempts } from './attempts.ts'
import { locked, type Login } from './login.ts'

/** What a client that logs in by tokens gets (RFC 6749, 5.1). */
export interface TokenPair {
  readonly accessToken: string
  readonly tokenType: 'Bearer'
  /** Seconds. */
  readonly expiresIn: number
  readonly refreshToken: string
}

export type From = RequestOrigin & Device

/**
 * What users do with their account. The ready-made routes call it, and so may an application that has routes of its own,
 * such as one that logs in by another proof than a password.
 */
export interface Accounts {
  /** Opens a session with tokens for a user who has been checked. */
  openTokens(user: AuthUser, from: From): Promise<TokenPair>
  /** Opens a cookie session for a user who has been checked; `previous` is the session that it takes the place of. */
  openSession(user: AuthUser, from: From, previous?: string): Promise<{ readonly session: Session; readonly secret: string }>
  /** @throws `REFRESH_REFUSED`, `REFRESH_REUSED` (401) */
  refresh(refreshToken: string, from: From): Promise<TokenPair>
  endSession(userId: string, sessionId: string, reason: string, from: From): Promise<boolean>
  /** Ends all sessions of a user but `keep`: of one who was switched off, or has lost a device. */
  endSessions(userId: string, reason: string, from: From, keep?: string): Promise<void>
  /**
   * Ends all other sessions of the user.
   * @throws `LOGIN_REFUSED`, `LOGIN_LOCKED`, `PASSWORD_REFUSED`
   */
  changePassword(userId: string, change: { readonly current: string; readonly next: string; readonly keep?: string }, from: From): Promise<void>
  /**
   * Emits `PasswordResetRequested`, where there is such a user. What only happens for users is handed to `later`, so that
   * whoever asks does not learn from the time it takes.
   * @throws `LOGIN_LOCKED` (429) when it is asked too often
   */
  requestReset(login: string, from: From, later: (work: () => Promise<void>) => void): Promise<void>
  /**
   * Ends all sessions of the user.
   * @throws `LINK_INVALID`, `PASSWORD_REFUSED` (422)
   */
  resetPassword(token: string, password: string, from: From): Promise<void>
  /**
   * Emits `EmailVerificationRequested`.
   * @throws `EMAIL_MISSING` (422) for a user without an address; `LOGIN_LOCKED` (429) when it is asked too often
   */
  requestVerification(user: AuthUser, from: From): Promise<void>
  /** @throws `LINK_INVALID` (422) */
  verifyEmail(token: string, from: From): Promise<void>
}

export const Accounts: Service<Accounts> = service<Accounts>('accounts')

export interface AccountsParts {
  readonly users: UserStore
  readonly login: Login
  readonly attempts: Attempts
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly sessions: Sessions
  readonly refreshTokens: RefreshTokens
  readonly tokens: Tokens
  readonly oneTime: OneTimeTokens
  readonly clock: Clock
  readonly record: Record
  /** In ms. */
  readonly resetLifetime: number
  readonly verificationLifetime: number
  readonly maxAttempts: number
  readonly maxAttemptsPerAddress: number
}

export function createAccounts(parts: AccountsParts): Accounts {
  const { users, login, attempts, passwords, policy, sessions, refreshTokens, tokens, oneTime, clock, record } = parts

  async function pairFor(user: AuthUser, sessionId: string, refreshToken: string): Promise<TokenPair> {
    const { roles, scopes = ['*'], plan } = user
    const { token, expiresIn } = await tokens.issue({
      subject: user.id,
      session: sessionId,
      scopes,
      ...(roles === undefined ? {} : { roles }),
      ...(plan === undefined ? {} : { plan }),
    })
    return { accessToken: token, tokenType: 'Bearer', expiresIn, refreshToken }
  }

  async function opened(user: AuthUser, { id, kind }: Session, { ip, requestId }: From): Promise<void> {
    const payload = { userId: user.id, sessionId: id, kind, ip, requestId }
    await record(LoginSucceeded, payload, { actor: user.id, action: 'login.succeeded', target: `session:${id}`, result: 'ok' })
  }

  async function ended(userId: string, sessionId: string, reason: string, { ip, requestId }: From): Promise<void> {
    await record(
      SessionEnded,
      { userId, sessionId, reason, ip, requestId },
      { actor: userId, action: 'session.ended', target: `session:${sessionId}`, result: 'ok' },
    )
  }

  async function endOthers(userId: string, reason: string, from: From, keep?: string): Promise<void> {
    for (const id of await sessions.endAll(userId, reason, keep)) await ended(userId, id, reason, from)
  }

  /** In the caller's transaction: a new password never leaves sessions open that the old one opened. */
  async function setPassword(user: AuthUser, hash: string, by: 'change' | 'reset', from: From, keep?: string): Promise<void> {
    await users.updatePasswordHash(user.id, hash)
    await endOthers(user.id, `password ${by}`, from, keep)
    const { ip, requestId } = from
    await record(PasswordChanged, { userId: user.id, by, ip, requestId }, { actor: user.id, action: `password.${by}`, target: `user:${user.id}`, result: 'ok' })
  }

  /** Links are letters, so asking for them counts, whether there is such a user or not. */
  async function spend(what: string, account: string, { ip }: From): Promise<void> {
    const subjects = [
      { name: `${what} address ${addressName(ip)}`, max: parts.maxAttemptsPerAddress },
      { name: `${what} account ${account}`, max: parts.maxAttempts },
    ]
    const reservation = await attempts.reserve(subjects)
    if (reservation.kind === 'refused') throw locked(reservation.retryAfter)
    await attempts.fail(reservation.tries)
  }

  const aboutOf = ({ about = [], email }: AuthUser) => (email === undefined ? about : [...about, email])

  return {
    async openTokens(user, from) {
      const { session, refreshToken } = await transaction(async () => {
        const { session: made } = await sessions.open('token', user.id, from)
        await opened(user, made, from)
        return { session: made, refreshToken: await refreshTokens.issue(made.id) }
      })
      return pairFor(user, session.id, refreshToken)
    },
    openSession: (user, from, previous) =>
      transaction(async () => {
        if (previous !== undefined && (await sessions.end(previous, 'new login'))) await ended(user.id, previous, 'new login', from)
        const made = await sessions.open('cookie', user.id, from)
        await opened(user, made.session, from)
        return made
      }),
    async refresh(refreshToken, from) {
      const rotation = await refreshTokens.rotate(refreshToken)
      if (rotation.kind === 'refused') throw fail('REFRESH_REFUSED', undefined)
      const { sessionId, userId } = rotation
      if (rotation.kind === 'reused') {
        const { ip, requestId } = from
        await record(
          RefreshTokenReused,
          { userId, sessionId, ip, requestId },
          { actor: userId, action: 'refresh.reused', target: `session:${sessionId}`, result: 'denied' },
        )
        throw fail('REFRESH_REUSED', undefined)
      }
      const user = await users.findById(userId)
      if (user === undefined || user.active === false) {
        if (await sessions.end(sessionId, 'user inactive')) await ended(userId, sessionId, 'user inactive', from)
        throw fail('REFRESH_REFUSED', undefined)
      }
      return pairFor(user, sessionId, rotation.next)
    },
    endSession: (userId, sessionId, reason, from) =>
      transaction(async () => {
        const did = await sessions.end(sessionId, reason)
        if (did) await ended(userId, sessionId, reason, from)
        return did
      }),
    endSessions: (userId, reason, from, keep) => transaction(() => endOthers(userId, reason, from, keep)),
    async changePassword(userId, { current, next, keep }, from) {
      const user = await users.findById(userId)
      if (user === undefined) throw fail('LOGIN_REFUSED', undefined)
      await login.confirm(user, current, from)
      await policy.check(next, aboutOf(user))
      const hash = await passwords.hash(next)
      await transaction(() => setPassword(user, hash, 'change', from, keep))
    },
    async requestReset(name, from, later) {
      await spend('reset', name.normalize('NFKC').trim().toLowerCase(), from)
      later(async () => {
        const user = await users.findByLogin(name)
        if (user === undefined || user.active === false) return
        const email = user.email ?? name
        const token = await oneTime.issue('password reset', { userId: user.id, about: email }, parts.resetLifetime)
        const payload = { user, email, token, expiresAt: new Date(clock.now() + parts.resetLifetime) }
        await record(PasswordResetRequested, payload, { actor: null, action: 'password.reset-requested', target: `user:${user.id}`, result: 'ok' })
      })
    },
    async resetPassword(token, password, from) {
      // Before the link is used up: a password that is refused may be chosen anew.
      await policy.check(password)
      const hash = await passwords.hash(password)
      await transaction(async () => {
        const grant = await oneTime.redeem('password reset', token)
        const user = grant === undefined ? undefined : await users.findById(grant.userId)
        if (user === undefined || user.active === false) throw fail('LINK_INVALID', undefined)
        await setPassword(user, hash, 'reset', from)
      })
    },
    async requestVerification(user, from) {
      await spend('verification', user.id, from)
      const { email } = user
      if (email === undefined || email === '') throw fail('EMAIL_MISSING', undefined)
      const token = await oneTime.issue('email verification', { userId: user.id, about: email }, parts.verificationLifetime)
      await record(
        EmailVerificationRequested,
        { user, email, token, expiresAt: new Date(clock.now() + parts.verificationLifetime) },
        { actor: user.id, action: 'email.verification-requested', target: `user:${user.id}`, result: 'ok' },
      )
    },
    async verifyEmail(token, { ip, requestId }) {
      const grant = await oneTime.redeem('email verification', token)
      if (grant === undefined) throw fail('LINK_INVALID', undefined)
      await users.markVerified?.(grant.userId, grant.about)
      const payload = { userId: grant.userId, email: grant.about, ip, requestId }
      await record(EmailVerified, payload, { actor: grant.userId, action: 'email.verified', target: `user:${grant.userId}`, result: 'ok' })
    },
  }
}
