import { service, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { LoginFailed, LoginLocked, type RequestOrigin } from '../events.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { Record } from '../record.ts'
import type { AuthUser, UserStore } from '../users/user-store.ts'
import { addressName } from './address-name.ts'
import type { Attempts, AttemptSubject, Reservation } from './attempts.ts'

/** Checks who somebody says they are. */
export interface Login {
  /**
   * The user with this login and password.
   * @throws `LOGIN_REFUSED` (401) whatever is wrong; `LOGIN_LOCKED` (429) with Retry-After after too many failures;
   * `PASSWORDS_BUSY` (503)
   */
  check(login: string, password: string, from: RequestOrigin): Promise<AuthUser>
  /**
   * The password of a user who is known already, with the same counting.
   * @throws as `check`
   */
  confirm(user: AuthUser, password: string, from: RequestOrigin): Promise<void>
}

export const Login: Service<Login> = service<Login>('login')

/** `locked` was not even tried. */
export type LoginResult = 'success' | 'fail' | 'locked'

export interface LoginParts {
  readonly users: UserStore
  readonly passwords: Passwords
  readonly attempts: Attempts
  readonly record: Record
  /** Told how each login ended. */
  readonly count: (result: LoginResult) => void
  readonly maxAttempts: number
  readonly maxAttemptsPerAddress: number
}

export function createLogin({ users, passwords, attempts, record, count, maxAttempts, maxAttemptsPerAddress }: LoginParts): Login {
  async function reserve(subjects: readonly AttemptSubject[]): Promise<Extract<Reservation, { kind: 'reserved' }>['tries']> {
    const reservation = await attempts.reserve(subjects)
    if (reservation.kind === 'reserved') return reservation.tries
    throw locked(reservation.retryAfter)
  }

  /** `find` and the comparison are tried once; how it ends is counted before anybody is told. */
  async function attempt(login: string, password: string, from: RequestOrigin, find: () => Promise<AuthUser | undefined>, account: string): Promise<AuthUser> {
    const byAccount = { name: `account ${account}`, max: maxAttempts }
    const byAddress = { name: `address ${addressName(from.ip)}`, max: maxAttemptsPerAddress }
    const tries = await reserve([byAddress, byAccount])
    let user: AuthUser | undefined
    let rehashed: string | undefined
    let valid: boolean
    try {
      user = await find()
      ;({ valid, rehashed } = await passwords.verify(user?.passwordHash, password))
    } catch (error) {
      await attempts.release(tries)
      throw error
    }
    if (user === undefined || !valid || user.active === false) {
      const nowLocked = await attempts.fail(tries)
      const reason = user === undefined ? 'unknown' : valid ? 'inactive' : 'password'
      const target = user?.id ?? null
      await record(LoginFailed, { ...from, login, userId: user?.id, reason }, { actor: null, action: 'login.failed', target, result: 'failed' })
      for (const name of nowLocked) {
        const what = name === byAccount.name ? 'account' : 'address'
        await record(
          LoginLocked,
          { ...from, login, locked: what },
          { actor: null, action: 'login.locked', target: what === 'account' ? target : name, result: 'denied' },
        )
      }
      throw fail('LOGIN_REFUSED', undefined, { headers: ['www-authenticate', 'Bearer'] })
    }
    await attempts.succeed(tries, byAccount)
    if (rehashed !== undefined) await users.updatePasswordHash(user.id, rehashed)
    return user
  }

  return {
    async check(login, password, from) {
      try {
        const user = await attempt(login, password, from, () => users.findByLogin(login), login.normalize('NFKC').trim().toLowerCase())
        count('success')
        return user
      } catch (error) {
        const { code } = error as { code?: unknown }
        if (code === 'LOGIN_REFUSED' || code === 'LOGIN_LOCKED') count(code === 'LOGIN_LOCKED' ? 'locked' : 'fail')
        throw error
      }
    },
    confirm: async (user, password, from) => void (await attempt(user.id, password, from, async () => user, `id ${user.id}`)),
  }
}

/** 429 with Retry-After (RFC 9110, 10.2.3), after which the next try is possible. */
export function locked(retryAfter: number): Error {
  const seconds = Math.max(1, Math.ceil(retryAfter / 1_000))
  return fail('LOGIN_LOCKED', { seconds }, { headers: ['retry-after', String(seconds)] })
}
