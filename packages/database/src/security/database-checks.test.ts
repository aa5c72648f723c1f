import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from 'glueful'
import { auditSecurity } from 'glueful/security'
import { afterAll, expect, test } from 'vitest'
import { database, encrypted, integer, Model, string, type DatabaseOptions } from '../index.ts'
import { databaseSettings } from '../extension/database-settings.ts'
import { databaseSecurityChecks } from './database-security-checks.ts'

// On a disk: where temporary files are in memory, that is a finding.
const disk = statfsSync(tmpdir()).type === 0x01021994 ? import.meta.dirname : tmpdir()
const folder = mkdtempSync(join(disk, 'glueful-database-checks-'))
const inMemory = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/glueful-') : undefined
afterAll(() => {
  for (const made of [folder, inMemory]) if (made !== undefined) rmSync(made, { recursive: true })
})
const databaseFile = (name: string, mode: number) => {
  const file = join(folder, name)
  writeFileSync(file, '')
  chmodSync(file, mode)
  return file
}

const account = 'shop:x9Kd0vQ2mT5bN8cZ'
const safe: Readonly<Record<string, string>> = {
  APP_KEY: 'k3Zp9wQ1xY7vB2nM5tR8uE4sA6dF0gHjL1',
  FORCE_HTTPS: 'true',
  ALLOWED_HOSTS: 'api.example.com',
  DATABASE_URL: `postgres://${account}@db.internal/shop?sslmode=verify-full`,
}

async function found(variables: Readonly<Record<string, string | undefined>> = {}, options: DatabaseOptions = {}): Promise<string[]> {
  const app = createApp({ name: 'shop', routes: {}, extensions: [database(options)] })
  const { findings } = await auditSecurity(app as never, { environment: 'production', env: { ...safe, ...variables } })
  return findings.map(({ id, subject }) => `${id} ${subject}`)
}

class Customer extends Model('customers', { id: integer().primary(), iban: encrypted(), passwordHash: string().hidden() }) {}
class Device extends Model('devices', { id: integer().primary(), apiKey: string() }) {}

type Seeded = readonly [id: string, what: string, subject: string, variables: Record<string, string | undefined>, options?: DatabaseOptions]
const seeded: readonly Seeded[] = [
  [
    'DATABASE_UNVERIFIED',
    'PostgreSQL without a look at the certificate',
    'setting DATABASE_URL',
    { DATABASE_URL: `postgres://${account}@db.internal/shop?sslmode=no-verify` },
  ],
  [
    'DATABASE_UNVERIFIED',
    'PostgreSQL as libpq requires TLS',
    'setting DATABASE_URL',
    { DATABASE_URL: `postgres://${account}@db.internal/shop?sslmode=require&uselibpqcompat=true` },
  ],
  [
    'DATABASE_UNVERIFIED',
    'MySQL without a look at the certificate',
    'setting DATABASE_URL',
    { DATABASE_URL: `mysql://${account}@db.internal/shop?ssl=no-verify` },
  ],
  [
    'DATABASE_UNVERIFIED',
    'a replica without a look at the certificate',
    'setting DATABASE_REPLICA_URLS',
    { DATABASE_REPLICA_URLS: `${safe['DATABASE_URL']},postgres://${account}@two.internal/shop?sslmode=no-verify` },
  ],
  [
    'DATABASE_UNVERIFIED',
    'another connection without a look at the certificate',
    'setting DATABASE_REPORTS_URL',
    { DATABASE_REPORTS_URL: `postgres://${account}X@db.internal/reports?sslmode=no-verify` },
    { connections: { reports: {} } },
  ],
  ['DATABASE_FILE_EXPOSED', 'a file that everybody reads', 'setting DATABASE_URL', { DATABASE_URL: `sqlite:${databaseFile('open.sqlite', 0o644)}` }],
  ['DATABASE_VOLATILE', 'memory', 'setting DATABASE_URL', { DATABASE_URL: 'sqlite::memory:' }],
  ...(inMemory === undefined
    ? []
    : [['DATABASE_VOLATILE', 'a file in memory', 'setting DATABASE_URL', { DATABASE_URL: `sqlite:${inMemory}/deep/down/shop.sqlite` }] as Seeded]),
  ['ENCRYPTION_KEY_MISSING', 'encrypted columns without a key', 'model Customer', { APP_KEY: undefined }, { models: { Customer } }],
  ['SECRET_COLUMN_SHOWN', 'a key that is answered', 'model Device', {}, { models: { Device } }],
  ['STATEMENTS_LONG', 'statements of an hour', 'setting DATABASE_STATEMENT_TIMEOUT', { DATABASE_STATEMENT_TIMEOUT: '1h' }],
  ['MIGRATES_ON_START', 'migrations at the start', 'database()', {}, { migrateOnStart: true }],
]

test('what is set up well has no findings', async () => {
  expect(await found({}, { models: { Customer } })).toEqual([])
  expect(await found({ DATABASE_URL: `mysql://${account}@db.internal/shop?ssl=true` })).toEqual([])
  expect(await found({ DATABASE_URL: `sqlite:${databaseFile('closed.sqlite', 0o600)}` })).toEqual([])
  expect(await found({ DATABASE_URL: `sqlite:${folder}/not/there/yet.sqlite` })).toEqual([])
  expect(await found({ DATABASE_URL: undefined }, { models: { Customer } })).toEqual([])
})

for (const [id, what, subject, variables, options] of seeded) {
  test(`${id}: ${what}`, async () => {
    expect(await found(variables, options)).toEqual([`${id} ${subject}`])
  })
}

test('what core knows of addresses holds for every server: of replicas, of other connections', async () => {
  expect(await found({ DATABASE_REPLICA_URLS: `${safe['DATABASE_URL']}, postgres://${account}@two.internal/shop` })).toEqual([
    'SERVICE_WITHOUT_TLS setting DATABASE_REPLICA_URLS',
  ])
  expect(await found({ DATABASE_REPORTS_URL: 'postgres://root@db.internal/reports?sslmode=verify-full' }, { connections: { reports: {} } })).toEqual([
    'SERVICE_PASSWORD_WEAK setting DATABASE_REPORTS_URL',
    'SERVICE_ACCOUNT_PRIVILEGED setting DATABASE_REPORTS_URL',
  ])
})

test.each(['password', 'passwordHash', 'password_hash', 'api_key', 'refreshToken', 'totp_secret', 'recoveryCodes', 'PIN'])(
  'a column called %s is a secret',
  async (name) => {
    const Thing = Model('things', { id: integer().primary(), [name]: string() })
    expect(await found({}, { models: { Thing } })).toHaveLength(1)
  },
)

test.each(['passwordChangedAt', 'tokenCount', 'keyboard', 'hash', 'spinning', 'secretary', 'idempotencyKey'])('a column called %s is none', async (name) => {
  const Thing = Model('things', { id: integer().primary(), [name]: string() })
  expect(await found({}, { models: { Thing } })).toEqual([])
})

test('every check is seeded with a misconfiguration that it finds', () => {
  expect(
    databaseSecurityChecks(databaseSettings({}), {})
      .filter(({ find }) => find !== undefined)
      .map(({ id }) => id),
  ).toEqual([...new Set(seeded.map(([id]) => id))])
})
