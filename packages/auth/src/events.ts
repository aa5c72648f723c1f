import { event, type Event } from 'glueful'
import type { ApiKey } from './api-keys/api-keys.ts'
import type { SessionKind } from './sessions/sessions.ts'
import type { AuthUser } from './users/user-store.ts'

/** Where a request came from. */
export interface RequestOrigin {
  readonly ip: string
  readonly requestId: string
}

export interface LoginSucceeded extends RequestOrigin {
  readonly userId: string
  readonly sessionId: string
  readonly kind: SessionKind
}
export const LoginSucceeded: Event<LoginSucceeded> = event<LoginSucceeded>('auth.login-succeeded')

export interface LoginFailed extends RequestOrigin {
  /** As it was typed. */
  readonly login: string
  /** Undefined where there is no such user. */
  readonly userId: string | undefined
  readonly reason: 'password' | 'unknown' | 'inactive'
}
export const LoginFailed: Event<LoginFailed> = event<LoginFailed>('auth.login-failed')

/** Failures have locked an account or an address. */
export interface LoginLocked extends RequestOrigin {
  readonly login: string
  readonly locked: 'account' | 'address'
}
export const LoginLocked: Event<LoginLocked> = event<LoginLocked>('auth.login-locked')

export interface SessionEnded extends RequestOrigin {
  readonly userId: string
  readonly sessionId: string
  readonly reason: string
}
export const SessionEnded: Event<SessionEnded> = event<SessionEnded>('auth.session-ended')

/** Two parties have the same refresh token; their session was ended. */
export interface RefreshTokenReused extends RequestOrigin {
  readonly userId: string
  readonly sessionId: string
}
export const RefreshTokenReused: Event<RefreshTokenReused> = event<RefreshTokenReused>('auth.refresh-token-reused')

/** Write the user a letter with a link that carries the token. */
export interface LinkRequested {
  readonly user: AuthUser
  readonly email: string
  readonly token: string
  readonly expiresAt: Date
}
export const PasswordResetRequested: Event<LinkRequested> = event<LinkRequested>('auth.password-reset-requested')
export const EmailVerificationRequested: Event<LinkRequested> = event<LinkRequested>('auth.email-verification-requested')

export interface PasswordChanged extends RequestOrigin {
  readonly userId: string
  readonly by: 'change' | 'reset'
}
export const PasswordChanged: Event<PasswordChanged> = event<PasswordChanged>('auth.password-changed')

export interface EmailVerified extends RequestOrigin {
  readonly userId: string
  readonly email: string
}
export const EmailVerified: Event<EmailVerified> = event<EmailVerified>('auth.email-verified')

/** Without address and request where a command or the application itself has changed it. */
export interface ApiKeyChanged extends Partial<RequestOrigin> {
  readonly key: ApiKey
  readonly change: 'created' | 'rotated' | 'revoked'
}
export const ApiKeyChanged: Event<ApiKeyChanged> = event<ApiKeyChanged>('auth.api-key-changed')

export interface TokenKeyChanged {
  readonly kid: string
  readonly change: 'generated' | 'rotated' | 'retired'
}
export const TokenKeyChanged: Event<TokenKeyChanged> = event<TokenKeyChanged>('auth.token-key-changed')
