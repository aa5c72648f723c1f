import { readFileSync } from 'node:fs'
import { expect, expectTypeOf, test } from 'vitest'
import type { Environment } from '../environment.ts'
import { coreSettings, type CoreSettings } from './core-settings.ts'
import { listSettings } from './define-settings.ts'
import { env } from './env.ts'
import { readSettings } from './read-settings.ts'

const read = (environment: Environment, variables: Record<string, string> = {}) => readSettings(coreSettings, { environment, variables })

test('an application needs no variable, and its defaults fit what it runs for', () => {
  expectTypeOf<CoreSettings['host']>().toEqualTypeOf<string>()
  expect(read('development')).toMatchObject({
    environment: 'development',
    host: '127.0.0.1',
    logFormat: 'pretty',
    docsEnabled: true,
    port: 3000,
    workers: 1,
    requestTimeout: 30_000,
    bodyLimit: 1_048_576,
  })
  expect(read('test')).toMatchObject({ environment: 'test', host: '127.0.0.1', logFormat: 'json', docsEnabled: true })
  expect(read('production')).toMatchObject({
    environment: 'production',
    host: '0.0.0.0',
    logFormat: 'json',
    docsEnabled: false,
    corsAllowOrigins: [],
    trustProxy: [],
    healthAllow: ['loopback', 'private'],
  })
})

test('the environment is the one the process runs for, and APP_ENV is checked all the same', () => {
  expectTypeOf<CoreSettings['environment']>().toEqualTypeOf<Environment>()
  expect(read('test', { APP_ENV: 'production' }).environment).toBe('test')
  expect(() => read('test', { APP_ENV: 'prod' })).toThrow('APP_ENV: found "prod"')
})

test('lists of addresses, hosts and origins are in the one report of what is wrong', () => {
  const bad = {
    CORS_ALLOW_ORIGINS: 'https://a.com/',
    TRUST_PROXY: '17',
    ALLOWED_HOSTS: 'a.com:80',
    HEALTH_IP_ALLOWLIST: '10/8',
    METRICS_IP_ALLOWLIST: 'all',
    PORT: 'x',
  }
  expect(() => read('production', bad)).toThrow(expect.objectContaining({ message: expect.stringContaining('6 settings are not valid') }))
  for (const name of Object.keys(bad)) expect(() => read('production', bad)).toThrow(`${name}: found`)
  const good = {
    CORS_ALLOW_ORIGINS: 'https://a.com:8443,https://*.b.example.com',
    ALLOWED_HOSTS: 'a.com,*.b.com,[::1]',
    TRUST_PROXY: '10.0.0.0/8,2001:db8::/32,loopback',
  }
  expect(read('production', good)).toMatchObject({ trustProxy: ['10.0.0.0/8', '2001:db8::/32', 'loopback'] })
  expect(read('production', { TRUST_PROXY: '2', CORS_ALLOW_ORIGINS: '*' })).toMatchObject({ trustProxy: ['2'], corsAllowOrigins: ['*'] })
})

test('a lone comma closes a list that is open by default', () => {
  expect(read('production', { HEALTH_IP_ALLOWLIST: ',' }).healthAllow).toEqual([])
})

test('every setting of the framework and every kind is documented, and none that does not exist', () => {
  const docs = readFileSync(new URL('../../../../../docs/settings.md', import.meta.url), 'utf8')
  const rows = [...docs.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name)
  expect(rows.sort()).toEqual(
    listSettings([coreSettings])
      .map(({ name }) => name)
      .sort(),
  )
  const kinds = [...docs.matchAll(/^\| `env\.(\w+)` \|/gm)].map(([, kind]) => kind)
  expect(kinds.sort()).toEqual(Object.keys(env).sort())
})
