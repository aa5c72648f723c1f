import { Database } from '@glueful/database'
import {
  AuditLog,
  Authorizer,
  coreSettings,
  LoggerService,
  MetricsService,
  provide,
  Redaction,
  Redis,
  RuntimeService,
  Sealing,
  type Provider,
  type Use,
} from 'glueful'
import { createAuthorizer } from './access/authorizer.ts'
import { createAuditSeal } from './audit/audit-seal.ts'
import { AuditTrail, createAuditTrail } from './audit/audit-trail.ts'
import { ApiKeys, createApiKeys } from './api-keys/api-keys.ts'
import { createKeyUsage, KeyUsage, type WatchedKeyUsage } from './api-keys/key-usage.ts'
import type { AuthOptions } from './auth-extension.ts'
import { authSettings } from './auth-settings.ts'
import { Housekeeping, createHousekeeping } from './housekeeping.ts'
import { createKeyStore, KeyStore } from './keys/key-store.ts'
import { createKeys, Keys } from './keys/keys.ts'
import { Accounts, createAccounts } from './login/accounts.ts'
import { Attempts, createAttempts } from './login/attempts.ts'
import { createLogin, Login } from './login/login.ts'
import { createOneTimeTokens, OneTimeTokens } from './one-time/one-time-tokens.ts'
import { openPolicy, PasswordPolicy, type OpenedPolicy } from './passwords/password-policy.ts'
import { createPasswords, Passwords } from './passwords/passwords.ts'
import { createRecord } from './record.ts'
import { createRefreshTokens, RefreshTokens } from './sessions/refresh-tokens.ts'
import { createRevocationChannel, type RevocationChannel } from './sessions/revocation-channel.ts'
import { createRevocations, Revocations, type WatchedRevocations } from './sessions/revocations.ts'
import { createSessionCookie, SessionCookies } from './sessions/session-cookie.ts'
import { createSessions, Sessions } from './sessions/sessions.ts'
import { KeyRings } from './tokens/key-ring.ts'
import { createTokens, Tokens } from './tokens/tokens.ts'
import { Users } from './users/user-store.ts'

const clockOf = (use: Use) => use(RuntimeService).clock
const tokenKeySeal = (use: Use) => use(Sealing).for('token keys')
const recordOf = (use: Use) => createRecord(use(RuntimeService))

/** How long a token may be in use after it was issued, in ms. */
function tokenUse(use: Use): number {
  const { lifetime, skew } = use(authSettings).token
  return lifetime + skew
}

function channelOf(use: Use): RevocationChannel | undefined {
  return use(coreSettings).redisUrl !== undefined ? createRevocationChannel(use(Redis), use(LoggerService)) : undefined
}

const auditServices: readonly Provider[] = [
  provide(AuditTrail, ({ use }) => {
    return createAuditTrail({ db: use(Database), clock: clockOf(use), seal: createAuditSeal(use(Sealing)), redact: use(Redaction) })
  }),
  provide(AuditLog, ({ use }) => use(AuditTrail)),
]

/** Everything that the extension provides, put together from settings. */
export function authServices({ users, roles, policies, audit = true }: AuthOptions): readonly Provider[] {
  return [
    ...(audit ? auditServices : []),
    provide(Users, () => users),
    provide(Authorizer, () => createAuthorizer(roles, policies)),
    provide(Passwords, ({ use }) => createPasswords({ algorithm: use(authSettings).password.algorithm })),
    provide(PasswordPolicy, ({ use }) => openPolicy(use(authSettings).password), {
      start: (policy) => (policy as OpenedPolicy).start(),
      stop: (policy) => (policy as OpenedPolicy).stop(),
    }),
    provide(KeyStore, ({ use }) => {
      return createKeyStore({
        db: use(Database),
        clock: clockOf(use),
        record: recordOf(use),
        tokenLifetime: tokenUse(use),
        seal: tokenKeySeal(use),
        algorithm: use(authSettings).token.algorithm,
      })
    }),
    provide(
      Keys,
      ({ use }) => {
        return createKeys({
          settings: use(authSettings).token,
          store: use(KeyStore),
          seal: tokenKeySeal(use),
          runtime: use(RuntimeService),
          log: use(LoggerService),
        })
      },
      {
        start: (keys) => keys.start(),
        stop: (keys) => keys.stop(),
      },
    ),
    provide(KeyRings, ({ use }) => use(Keys).ring),
    provide(
      Revocations,
      ({ use }) =>
        createRevocations({ db: use(Database), clock: clockOf(use), log: use(LoggerService), tokenLifetime: tokenUse(use), channel: channelOf(use) }),
      {
        start: (revocations) => (revocations as WatchedRevocations).start(),
        stop: (revocations) => (revocations as WatchedRevocations).stop(),
      },
    ),
    provide(Tokens, ({ use }) => {
      const { issuer, audience, lifetime, skew } = use(authSettings).token
      const { name, clock } = use(RuntimeService)
      const revocations = use(Revocations)
      return createTokens({
        keys: use(KeyRings),
        clock,
        lifetime,
        skew,
        isRevoked: (id) => revocations.has(id),
        issuer: issuer ?? use(coreSettings).appUrl ?? `urn:glueful:${name}`,
        audience: audience ?? name,
      })
    }),
    provide(Sessions, ({ use }) => {
      const { idle, lifetime } = use(authSettings).session
      return createSessions({ db: use(Database), clock: clockOf(use), revocations: use(Revocations), idle, lifetime, tokenLifetime: tokenUse(use) })
    }),
    provide(SessionCookies, ({ use }) => createSessionCookie(use(authSettings).session, use(RuntimeService).environment === 'production')),
    provide(RefreshTokens, ({ use }) => {
      const { refreshLifetime: lifetime, refreshGrace: grace } = use(authSettings).token
      return createRefreshTokens({ db: use(Database), clock: clockOf(use), sessions: use(Sessions), lifetime, grace })
    }),
    provide(OneTimeTokens, ({ use }) => createOneTimeTokens({ db: use(Database), clock: clockOf(use) })),
    provide(ApiKeys, ({ use }) => {
      const { clock, environment } = use(RuntimeService)
      return createApiKeys({ db: use(Database), clock, record: recordOf(use), mode: environment === 'production' ? 'live' : 'test' })
    }),
    provide(KeyUsage, ({ use }) => createKeyUsage({ db: use(Database), clock: clockOf(use), log: use(LoggerService) }), {
      start: (usage) => (usage as WatchedKeyUsage).start(),
      stop: (usage) => (usage as WatchedKeyUsage).stop(),
    }),
    provide(Attempts, ({ use }) => createAttempts({ db: use(Database), clock: clockOf(use), lockout: use(authSettings).login.lockoutSeconds * 1_000 })),
    provide(Login, ({ use }) => {
      const { maxAttempts, maxAttemptsPerAddress } = use(authSettings).login
      const total = use(MetricsService).counter({ name: 'auth_logins_total', help: 'Logins by how they ended.', labels: ['result'] })
      return createLogin({
        users: use(Users),
        passwords: use(Passwords),
        attempts: use(Attempts),
        record: recordOf(use),
        count: (result) => total.with(result).inc(),
        maxAttempts,
        maxAttemptsPerAddress,
      })
    }),
    provide(Accounts, ({ use }) => {
      const { login, password, verificationLifetime } = use(authSettings)
      return createAccounts({
        users: use(Users),
        login: use(Login),
        attempts: use(Attempts),
        passwords: use(Passwords),
        policy: use(PasswordPolicy),
        sessions: use(Sessions),
        refreshTokens: use(RefreshTokens),
        tokens: use(Tokens),
        oneTime: use(OneTimeTokens),
        clock: clockOf(use),
        record: recordOf(use),
        resetLifetime: password.resetLifetime,
        verificationLifetime,
        maxAttempts: login.maxAttempts,
        maxAttemptsPerAddress: login.maxAttemptsPerAddress,
      })
    }),
    provide(Housekeeping, ({ use }) => createHousekeeping([use(Sessions), use(Attempts), use(OneTimeTokens)], use(LoggerService)), {
      start: (housekeeping) => housekeeping.start(),
      stop: (housekeeping) => housekeeping.stop(),
    }),
  ]
}
