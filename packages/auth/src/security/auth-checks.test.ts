import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { database } from '@glueful/database'
import { createApp } from 'glueful'
import { auditSecurity } from 'glueful/security'
import { afterAll, expect, test } from 'vitest'
import { auth, type AuthOptions } from '../auth-extension.ts'
import { memoryUsers } from '../testing/some-users.fixture.ts'
import { authSecurityChecks } from './auth-security-checks.ts'

const folder = mkdtempSync(join(tmpdir(), 'glueful-auth-checks-'))
afterAll(() => rmSync(folder, { recursive: true }))
const keyFile = (name: string, mode: number) => {
  const file = join(folder, name)
  writeFileSync(file, 'a private key')
  chmodSync(file, mode)
  return file
}

const safe: Readonly<Record<string, string>> = {
  APP_URL: 'https://api.example.com',
  APP_KEY: 'k3Zp9wQ1xY7vB2nM5tR8uE4sA6dF0gHjL1',
  FORCE_HTTPS: 'true',
  ALLOWED_HOSTS: 'api.example.com',
  DATABASE_URL: 'postgres://shop:x9Kd0vQ2mT5bN8cZ@db.internal/shop?sslmode=verify-full',
  PASSWORD_BREACHED_FILE: '/etc/shop/breached.txt',
}

async function found(variables: Readonly<Record<string, string | undefined>> = {}, options: Partial<AuthOptions> = {}): Promise<string[]> {
  const app = createApp({ name: 'shop', routes: {}, extensions: [database(), auth({ users: memoryUsers([]), ...options })] })
  const { findings } = await auditSecurity(app as never, { environment: 'production', env: { ...safe, ...variables } })
  return findings.map(({ id, subject }) => `${id} ${subject}`)
}

const secret = 'n4Vx7Lq0Rz3Tk8Wb1Yc6Hd9Jf2Gs5Pa'
type Seeded = readonly [id: string, what: string, subject: string, variables?: Record<string, string | undefined>, options?: Partial<AuthOptions>]
const seeded: readonly Seeded[] = [
  ['SESSION_COOKIE_CROSS_SITE', 'a cookie for every site', 'setting SESSION_COOKIE_SAMESITE', { SESSION_COOKIE_SAMESITE: 'none' }],
  ['SESSION_LONG', 'sessions that idle for a month', 'setting SESSION_IDLE_TIMEOUT', { SESSION_IDLE_TIMEOUT: '30d' }],
  ['SESSION_LONG', 'sessions of a year', 'setting SESSION_LIFETIME', { SESSION_LIFETIME: '365d' }],
  ['CSRF_ORIGIN_UNSAFE', 'pages without an origin are trusted', 'setting CSRF_TRUSTED_ORIGINS', { CSRF_TRUSTED_ORIGINS: 'null' }],
  [
    'CSRF_ORIGIN_UNSAFE',
    'pages without TLS are trusted',
    'setting CSRF_TRUSTED_ORIGINS',
    { CSRF_TRUSTED_ORIGINS: 'https://a.example.com,http://b.example.com' },
  ],
  ['ACCESS_TOKEN_LONG', 'access tokens of half a day', 'setting ACCESS_TOKEN_LIFETIME', { ACCESS_TOKEN_LIFETIME: '12h' }],
  ['REFRESH_TOKEN_LONG', 'refresh tokens of a year', 'setting REFRESH_TOKEN_LIFETIME', { REFRESH_TOKEN_LIFETIME: '365d' }],
  ['TOKEN_CLOCK_SKEW_LARGE', 'clocks that differ by five minutes', 'setting JWT_CLOCK_SKEW', { JWT_CLOCK_SKEW: '5m' }],
  ['TOKEN_SECRET_SHARED', 'one secret of several services', 'setting JWT_SECRET', { JWT_SECRET: secret + secret, JWT_AUDIENCE: 'orders' }],
  ['TOKEN_SECRET_KEPT', 'a secret from before', 'setting JWT_PREVIOUS_SECRET', { JWT_SECRET: secret + secret, JWT_PREVIOUS_SECRET: `${secret}old${secret}` }],
  [
    'TOKEN_KEY_FILE_EXPOSED',
    'a key that everybody reads',
    'setting JWT_KEY_FILES',
    { JWT_KEY_FILES: `${keyFile('closed.pem', 0o600)},${keyFile('open.pem', 0o644)}` },
  ],
  ['PASSWORDS_SHORT', 'passwords of eight characters', 'setting PASSWORD_MIN_LENGTH', { PASSWORD_MIN_LENGTH: '8' }],
  ['PASSWORDS_KNOWN', 'no list of known passwords', 'setting PASSWORD_BREACHED_FILE', { PASSWORD_BREACHED_FILE: undefined }],
  ['LOCKOUT_WEAK', 'a hundred tries', 'setting LOGIN_MAX_ATTEMPTS', { LOGIN_MAX_ATTEMPTS: '100' }],
  ['LOCKOUT_WEAK', 'ten thousand tries of an address', 'setting LOGIN_MAX_ATTEMPTS_PER_ADDRESS', { LOGIN_MAX_ATTEMPTS_PER_ADDRESS: '10000' }],
  ['LOCKOUT_WEAK', 'locks of five seconds', 'setting LOGIN_LOCKOUT_TTL_SECONDS', { LOGIN_LOCKOUT_TTL_SECONDS: '5' }],
  ['LINKS_LONG', 'links that reset for a week', 'setting PASSWORD_RESET_LIFETIME', { PASSWORD_RESET_LIFETIME: '7d' }],
  ['LINKS_LONG', 'links that verify for a month', 'setting EMAIL_VERIFICATION_LIFETIME', { EMAIL_VERIFICATION_LIFETIME: '30d' }],
  ['ROLE_ALL_POWERFUL', 'clerks may do everything', 'role clerk', {}, { roles: { clerk: ['*'] } }],
  ['ANONYMOUS_MAY_CHANGE', 'strangers may refund', 'role anonymous', {}, { roles: { anonymous: ['cars.view', 'orders.refund'] } }],
  ['NO_AUDIT_LOG', 'no audit log', 'auth()', {}, { audit: false }],
]

test('what is set up well has no findings', async () => {
  expect(await found({}, { roles: { admin: ['*'], clerk: ['orders.*'], anonymous: ['cars.view'] } })).toEqual([])
  expect(await found({ JWT_SECRET: secret + secret, JWT_KEY_FILES: '' })).toEqual([])
  expect(await found({ JWT_KEY_FILES: `${join(folder, 'not-here.pem')},${keyFile('closed.pem', 0o600)}` })).toEqual([])
})

for (const [id, what, subject, variables, options] of seeded) {
  test(`${id}: ${what}`, async () => {
    expect(await found(variables, options)).toEqual([`${id} ${subject}`])
  })
}

test.each<[string, Record<string, string | undefined>]>([
  ['a session cookie without Secure', { SESSION_COOKIE_SECURE: 'false' }],
  ['no key to encrypt private keys with', { APP_KEY: undefined }],
  ['two sources of token keys', { JWT_SECRET: secret + secret, JWT_KEY_FILES: 'key.pem' }],
  ['passwords of four characters', { PASSWORD_MIN_LENGTH: '4' }],
  ['a short token secret', { JWT_SECRET: 'short' }],
])('what is worse does not start, which is a critical finding: %s', async (_, variables) => {
  expect(await found(variables)).toEqual(['REFUSES_TO_START application'])
})

test('every check is seeded with a misconfiguration that it finds', () => {
  expect(
    authSecurityChecks()
      .filter(({ find }) => find !== undefined)
      .map(({ id }) => id),
  ).toEqual([...new Set(seeded.map(([id]) => id))])
})
