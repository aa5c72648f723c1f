import { z } from 'zod'
import { expect, test } from 'vitest'
import { createApp, type App } from '../app.ts'
import type { AppDefinition } from '../app/definition.ts'
import { provide } from '../foundation/services/provide.ts'
import { service } from '../foundation/services/service.ts'
import type { StartedApp } from '../app/security-check.ts'
import { defineSettings } from '../foundation/settings/define-settings.ts'
import { env } from '../foundation/settings/env.ts'

import { Authorizer } from '../http/context/authorizer.ts'
import { group, route, type RouteTree } from '../http/context/route.ts'
import { AuditLog } from '../traffic/audit/audit-log.ts'
import { auditSecurity, coreSecurityChecks } from './audit-security.ts'
import { outdated } from './checks/dependency-checks.ts'
import { renderSarif } from './render-sarif.ts'
import { renderSecurityText } from './render-text.ts'

const settings = defineSettings({
  key: env.secret('SIGNING_KEY', { optional: true }),
  other: env.secret('OTHER_KEY', { optional: true }),
  database: env.secret('STORE_URL', { optional: true }),
})

const response = z.object({ ok: z.boolean() })
const body = z.object({ name: z.string() })
const limited = { attempts: 60, per: '1m' } as const
const safeWrite = { auth: 'key', can: 'cars.write', rateLimit: limited, body, response, idempotency: 'required' } as const
const ok = () => ({ ok: true })

const safeEnv: Readonly<Record<string, string>> = {
  FORCE_HTTPS: 'true',
  ALLOWED_HOSTS: 'api.example.com',
  SIGNING_KEY: 'k3Zp9wQ1xY7vB2nM5tR8uE4sA6dF0gHj',
}

function appOf(routes: RouteTree, more: Partial<AppDefinition> = {}): App {
  return createApp({
    name: 'audited',
    settings,
    routes,
    services: [provide(Authorizer, () => ({ can: () => true })), provide(AuditLog, () => ({ record: async () => undefined }))],
    strategies: [{ kind: 'strategy', name: 'key', challenge: 'Bearer', scheme: { type: 'http', scheme: 'bearer' }, authenticate: () => undefined }],
    ...more,
  }) as unknown as App
}

const safeRoutes: RouteTree = {
  list: route.get('/cars', { rateLimit: limited, response }, ok),
  create: route.post('/cars', safeWrite, ok),
}

async function idsOf(routes: RouteTree, variables: Readonly<Record<string, string>> = {}, more: Partial<AppDefinition> = {}): Promise<string[]> {
  const { findings } = await auditSecurity(appOf(routes, more), { environment: 'production', env: { ...safeEnv, ...variables } })
  return [...new Set(findings.filter(({ accepted }) => accepted === undefined).map(({ id }) => id))]
}

test('an application that is set up well has no findings', async () => {
  expect(await idsOf(safeRoutes)).toEqual([])
})

const write = (options: object): RouteTree => ({ ...safeRoutes, risky: route.post('/risky', { ...safeWrite, ...options } as never, ok) })
const read = (options: object, path = '/risky'): RouteTree => ({
  ...safeRoutes,
  risky: route.get(path as never, { rateLimit: limited, response, ...options } as never, ok),
})

type Misconfiguration = readonly [id: string, what: string, routes: RouteTree, variables?: Record<string, string>, more?: Partial<AppDefinition>]

const misconfigured: readonly Misconfiguration[] = [
  ['NO_AUTHENTICATION', 'a write without auth', write({ auth: undefined, can: undefined })],
  ['NO_AUTHENTICATION', 'a write with optional auth', write({ auth: ['key', 'optional'], can: undefined })],
  ['ADMIN_UNPROTECTED', 'an admin path without auth', read({}, '/admin/stats')],
  [
    'ADMIN_UNPROTECTED',
    'a group tagged admin without auth',
    { risky: group({ tags: ['admin'], rateLimit: limited }, { stats: route.get('/stats', { response }, ok) }) },
  ],
  ['ADMIN_WITHOUT_PERMISSION', 'an admin path that every caller may use', read({ auth: 'key' }, '/admin/stats')],
  ['ADMIN_WITHOUT_PERMISSION', 'an admin path behind an address list alone', read({ ipAllow: ['10.0.0.0/8'] }, '/admin/stats')],
  ['WRITE_WITHOUT_PERMISSION', 'a write for all callers', write({ can: undefined })],
  ['GET_CHANGES', 'a GET that deletes', read({}, '/cars/delete')],
  ['GET_CHANGES', 'a GET for those who may refund', read({ auth: 'key', can: 'orders.refund' })],
  ['NO_RATE_LIMIT', 'a write without limit', write({ rateLimit: false })],
  ['READS_WITHOUT_LIMIT', 'a read without limit', read({ rateLimit: undefined })],
  ['CREDENTIALS_WITHOUT_LIMIT', 'a login without limit', { ...safeRoutes, risky: route.post('/auth/login', { body, response }, ok) }],
  ['CREDENTIALS_WITHOUT_LIMIT', 'a reset without limit', { ...safeRoutes, risky: route.post('/password/reset', { body, response }, ok) }],
  ['WRITE_WITHOUT_IDEMPOTENCY', 'a POST without idempotency', write({ idempotency: undefined })],
  ['ADMIN_WRITE_NOT_AUDITED', 'an admin write without audit', { ...safeRoutes, risky: route.post('/admin/refunds', safeWrite as never, ok) }],
  ['PRIVATE_ANSWER_CACHED_PUBLICLY', 'answers to callers in a shared cache', read({ auth: 'key', cache: { ttl: '1m', by: 'public' } })],
  ['BODY_NOT_VALIDATED', 'a body without schema', write({ body: undefined, accepts: ['json'] })],
  ['MASS_ASSIGNMENT', 'a loose body schema', write({ body: z.looseObject({ name: z.string() }) })],
  ['MASS_ASSIGNMENT', 'a loose body schema that is only reported', write({ body: z.looseObject({ name: z.string() }), strict: 'report' })],
  ['PARAMETERS_NOT_VALIDATED', 'a parameter of any text', read({}, '/risky/:id')],
  ['ANSWER_NOT_DESCRIBED', 'no response schema', read({ response: undefined })],
  ['SECRET_IN_QUERY', 'a token in the query', read({ query: z.object({ token: z.string() }) })],
  ['BODY_LIMIT_LARGE', 'a route that reads 100 MB', write({ bodyLimit: '100mb' })],
  ['BODY_LIMIT_LARGE', 'all routes read 100 MB', safeRoutes, { BODY_LIMIT: '100mb' }],
  ['NO_TIMEOUT', 'a handler without time-out', read({ timeout: false })],
  ['SECURITY_HEADERS_OFF', 'no security headers', read({ securityHeaders: false })],
  ['HSTS_WEAK', 'HSTS off', read({ securityHeaders: { strictTransportSecurity: false } })],
  ['HSTS_WEAK', 'HSTS of a day', read({ securityHeaders: { strictTransportSecurity: 'max-age=86400' } })],
  ['CONTENT_POLICY_WEAK', 'inline scripts', read({ securityHeaders: { contentSecurityPolicy: "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'" } })],
  ['FRAMING_ALLOWED', 'framing by anybody', read({ securityHeaders: { contentSecurityPolicy: "default-src 'none'", frameOptions: false } })],
  ['CORS_ANY_ORIGIN', 'any origin for callers', read({ auth: 'key', cors: { origins: ['*'] } })],
  ['CORS_ANY_ORIGIN_PUBLIC', 'any origin for public answers', read({ cors: { origins: ['*'] } })],
  ['CORS_ORIGIN_INSECURE', 'an origin without TLS', safeRoutes, { CORS_ALLOW_ORIGINS: 'http://shop.example.com' }],
  ['DEBUG_LOGS', 'debug logs', safeRoutes, { LOG_LEVEL: 'debug' }],
  ['LOGS_NOT_STRUCTURED', 'pretty logs', safeRoutes, { LOG_FORMAT: 'pretty' }],
  ['PLAIN_HTTP', 'plain HTTP', safeRoutes, { FORCE_HTTPS: 'false' }],
  ['PUBLIC_ADDRESS_INSECURE', 'an address without TLS', safeRoutes, { APP_URL: 'http://api.example.com' }],
  ['ANY_HOST', 'any host name', safeRoutes, { ALLOWED_HOSTS: '' }],
  ['PROXY_TRUST_BROAD', 'everybody is a proxy', safeRoutes, { TRUST_PROXY: '0.0.0.0/0' }],
  ['PROXY_TRUST_BROAD', 'nine proxies', safeRoutes, { TRUST_PROXY: '9' }],
  ['METRICS_EXPOSED', 'metrics for everybody', safeRoutes, { METRICS_IP_ALLOWLIST: '0.0.0.0/0' }],
  ['READINESS_EXPOSED', 'readiness for everybody', safeRoutes, { HEALTH_IP_ALLOWLIST: '::/0' }],
  ['DOCUMENTATION_EXPOSED', 'documentation', safeRoutes, { API_DOCS_ENABLED: 'true' }],
  ['MEMORY_STORE_IN_CLUSTER', 'memory that four workers do not share', { list: route.get('/cars', { response }, ok) }, { WORKERS: '4' }],
  ['REFUSES_TO_START', 'limits that four workers do not share', safeRoutes, { WORKERS: '4' }],
  ['REFUSES_TO_START', 'any origin with credentials', read({ cors: { origins: ['*'], credentials: true } })],
  ['REFUSES_TO_START', 'a limit that is no size', safeRoutes, { BODY_LIMIT: 'lots' }],
  ['SLOW_CLIENTS_UNLIMITED', 'no limit for slow clients', safeRoutes, {}, { server: { limits: { headersTimeout: 0 } } }],
  ['REQUEST_TIMEOUT_LONG', 'handlers may take an hour', safeRoutes, { REQUEST_TIMEOUT: '1h' }],
  ['SECRET_WEAK', 'a secret from an example', safeRoutes, { SIGNING_KEY: 'change-me' }],
  ['SECRET_WEAK', 'a short secret', safeRoutes, { SIGNING_KEY: 'aK3!p9' }],
  ['SECRET_WEAK', 'a repeated letter', safeRoutes, { SIGNING_KEY: 'a'.repeat(40) }],
  ['SECRET_SHARED', 'one secret for two purposes', safeRoutes, { OTHER_KEY: safeEnv['SIGNING_KEY'] as string }],
  ['SERVICE_PASSWORD_WEAK', 'a database without password', safeRoutes, { STORE_URL: 'postgres://app@db.internal/app?sslmode=verify-full' }],
  ['SERVICE_PASSWORD_WEAK', 'the password that everybody tries', safeRoutes, { STORE_URL: 'postgres://app:password@db.internal/app?sslmode=verify-full' }],
  ['SERVICE_WITHOUT_TLS', 'a database without TLS', safeRoutes, { STORE_URL: 'postgres://app:k3Zp9wQ1xY7v@db.internal/app' }],
  ['SERVICE_WITHOUT_TLS', 'Redis without TLS', safeRoutes, { REDIS_URL: 'redis://:k3Zp9wQ1xY7v@cache.internal:6379' }],
  [
    'SERVICE_ACCOUNT_PRIVILEGED',
    'the administrator of the database',
    safeRoutes,
    { STORE_URL: 'postgres://postgres:k3Zp9wQ1xY7v@db.internal/app?sslmode=verify-full' },
  ],
]

for (const [id, what, routes, variables, more] of misconfigured) {
  test(`${id}: ${what}`, async () => {
    expect(await idsOf(routes, variables, more)).toContain(id)
  })
}

test('dependencies without a lock file, and an old runtime, are found', async () => {
  const { findings } = await auditSecurity(appOf(safeRoutes), { environment: 'production', env: safeEnv, directory: '/' })
  expect(findings.map(({ id }) => id)).toEqual(['DEPENDENCIES_NOT_LOCKED'])
  expect([outdated('24.14.1'), outdated('26.10.0'), outdated('25.1.0').length, outdated('20.20.2').length]).toEqual([[], [], 1, 1])
})

test('every check is seeded with a misconfiguration that it finds', () => {
  const seeded = new Set([...misconfigured.map(([id]) => id), 'DEPENDENCIES_NOT_LOCKED', 'RUNTIME_OUTDATED'])
  expect(coreSecurityChecks.map(({ id }) => id).filter((id) => !seeded.has(id))).toEqual([])
})

test('a risk is accepted with a reason, and the acceptance of what is not there is found', async () => {
  const signup = (acceptRisks: Record<string, string>) => ({
    ...safeRoutes,
    signup: route.post('/people', { ...safeWrite, auth: false, can: false, acceptRisks }, ok),
  })
  const accepted = await auditSecurity(appOf(signup({ NO_AUTHENTICATION: 'anybody may sign up' })), { environment: 'production', env: safeEnv })
  expect(accepted.open).toEqual({ critical: 0, high: 0, medium: 0, low: 0 })
  expect(accepted.findings.map(({ id, accepted: reason }) => [id, reason])).toEqual([['NO_AUTHENTICATION', 'anybody may sign up']])
  expect(await idsOf(signup({ NO_AUTHENTICATION: 'anybody may sign up', CORS_ANY_ORIGIN: 'no longer' }))).toEqual(['ACCEPTANCE_UNUSED'])
  expect(() => appOf(signup({ NO_AUTHENTICATION: ' ' })).routes()).toThrow(expect.objectContaining({ code: 'ACCEPTED_RISK_WITHOUT_REASON' }))
})

test('a group accepts for those of its routes that need it', async () => {
  const people = group(
    { acceptRisks: { NO_AUTHENTICATION: 'a demonstration' } },
    { create: route.post('/people', { ...safeWrite, auth: false, can: false }, ok), list: route.get('/people', { rateLimit: limited, response }, ok) },
  )
  expect(await idsOf({ people })).toEqual([])
  const nobody = group({ acceptRisks: { NO_AUTHENTICATION: 'a demonstration' } }, { list: route.get('/people', { rateLimit: limited, response }, ok) })
  expect(await idsOf({ nobody })).toEqual(['ACCEPTANCE_UNUSED'])
})

test('the application accepts what is about no route, with a reason', async () => {
  const more = { acceptRisks: { PLAIN_HTTP: 'the mesh encrypts what goes between machines' } }
  const { findings, open } = await auditSecurity(appOf(safeRoutes, more), { environment: 'production', env: { ...safeEnv, FORCE_HTTPS: 'false' } })
  expect([open, findings.map(({ id, accepted }) => [id, accepted])]).toEqual([
    { critical: 0, high: 0, medium: 0, low: 0 },
    [['PLAIN_HTTP', more.acceptRisks.PLAIN_HTTP]],
  ])
  expect(await idsOf(safeRoutes, {}, more)).toEqual(['ACCEPTANCE_UNUSED'])
  expect(await idsOf(write({ rateLimit: false }), {}, { acceptRisks: { NO_RATE_LIMIT: 'routes say so themselves' } })).toEqual([
    'NO_RATE_LIMIT',
    'ACCEPTANCE_UNUSED',
  ])
  expect(() => appOf(safeRoutes, { acceptRisks: { PLAIN_HTTP: '' } }).routes()).toThrow(expect.objectContaining({ code: 'ACCEPTED_RISK_WITHOUT_REASON' }))
})

test('it is judged as production wherever it runs', async () => {
  const variables = { ...safeEnv, APP_ENV: 'development' }
  const asProduction = await auditSecurity(appOf(safeRoutes), { environment: 'production', env: variables })
  const asDevelopment = await auditSecurity(appOf(safeRoutes), { env: variables })
  expect(asProduction.findings).toEqual([])
  expect(asDevelopment.findings.map(({ id }) => id).sort()).toEqual(['DOCUMENTATION_EXPOSED', 'LOGS_NOT_STRUCTURED'])
})

test('the address of a file is no secret, and each address of a list is looked at', async () => {
  for (const STORE_URL of ['sqlite:a.db', 'sqlite::memory:', 'file:./a']) expect(await idsOf(safeRoutes, { STORE_URL })).toEqual([])
  const good = 'postgres://app:k3Zp9wQ1xY7v@db.internal/app?sslmode=verify-full'
  expect(await idsOf(safeRoutes, { STORE_URL: `${good},${good}` })).toEqual([])
  expect(await idsOf(safeRoutes, { STORE_URL: `${good}, postgres://app@two.internal/app` })).toEqual(['SERVICE_PASSWORD_WEAK', 'SERVICE_WITHOUT_TLS'])
})

test('an extension brings checks of its own', async () => {
  const check = {
    id: 'COOKIE_OPEN',
    severity: 'high',
    title: 'Cookie',
    references: ['API2:2023'],
    find: () => [{ subject: 'cookie', reason: 'It is open.', remedy: 'Close it.' }],
  } as const
  expect(await idsOf(safeRoutes, {}, { extensions: [{ name: 'cookies', securityChecks: [check] }] })).toEqual(['COOKIE_OPEN'])
})

test('what an application keeps is looked at when it is asked for, in the started application', async () => {
  const states: string[] = []
  const check = {
    id: 'KEY_OLD',
    severity: 'medium',
    title: 'Old',
    references: ['API2:2023'],
    inspect: async ({ use }: StartedApp) => [{ subject: `key of ${use(Keeper).name}`, reason: 'It is old.', remedy: 'Renew it.' }],
  } as const
  const Keeper = service<{ readonly name: string }>('keeper')
  const keeper = provide(Keeper, () => ({ name: 'shop' }), { start: () => void states.push('started'), stop: () => void states.push('stopped') })
  const audit = (more: Partial<AppDefinition>, live?: boolean) =>
    auditSecurity(appOf(safeRoutes, { extensions: [{ name: 'keys', securityChecks: [check], services: [keeper] }], ...more }), {
      environment: 'production',
      env: safeEnv,
      ...(live === undefined ? {} : { live }),
    })
  const quiet = await audit({})
  expect([quiet.findings, quiet.checks.includes('KEY_OLD'), states]).toEqual([[], false, []])
  const live = await audit({}, true)
  expect([live.findings.map(({ id, subject }) => `${id} ${subject}`), live.checks.includes('KEY_OLD'), states]).toEqual([
    ['KEY_OLD key of shop'],
    true,
    ['started', 'stopped'],
  ])
  const accepting = { acceptRisks: { KEY_OLD: 'it is kept for a customer until May' } }
  expect((await audit(accepting)).findings).toEqual([])
  expect((await audit(accepting, true)).findings).toMatchObject([{ id: 'KEY_OLD', accepted: 'it is kept for a customer until May' }])
})

test('no report repeats a secret', async () => {
  const secret = 'hunter2-very-secret'
  const variables = { SIGNING_KEY: secret, OTHER_KEY: secret, STORE_URL: `postgres://root:${secret}@db.internal/app` }
  const report = await auditSecurity(appOf(safeRoutes), { environment: 'production', env: { ...safeEnv, ...variables } })
  expect(report.findings.length).toBeGreaterThan(2)
  const texts = [renderSecurityText(report), JSON.stringify(report), renderSarif(report, { version: '1.0.0', file: 'app.ts' })]
  expect(texts.filter((text) => text.includes(secret))).toEqual([])
})

test('SARIF has a rule for each kind, levels, fingerprints and suppressions', async () => {
  const routes = write({ auth: false, can: false, rateLimit: false, acceptRisks: { NO_AUTHENTICATION: 'a demonstration' } })
  const report = await auditSecurity(appOf(routes), { environment: 'production', env: safeEnv })
  const { version, runs } = JSON.parse(renderSarif(report, { version: '1.2.3', file: 'app.ts' })) as {
    version: string
    runs: { tool: { driver: { rules: { id: string }[] } }; results: Record<string, unknown>[] }[]
  }
  expect([version, runs[0]?.tool.driver.rules.map(({ id }) => id)]).toEqual(['2.1.0', ['NO_AUTHENTICATION', 'NO_RATE_LIMIT']])
  expect(runs[0]?.results).toMatchObject([
    { ruleId: 'NO_AUTHENTICATION', level: 'error', suppressions: [{ justification: 'a demonstration' }] },
    { ruleId: 'NO_RATE_LIMIT', level: 'error', partialFingerprints: { finding: 'NO_RATE_LIMIT:risky POST /risky' } },
  ])
})
