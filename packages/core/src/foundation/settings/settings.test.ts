import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { coreSettings } from './core-settings.ts'
import { defineSettings } from './define-settings.ts'
import { parseDotenv, readDotenvFiles } from './dotenv.ts'
import { checkEnv, diffEnv, renderEnvExample, syncEnvExample } from './env-example.ts'
import { env } from './env.ts'
import { readSettings } from './read-settings.ts'
import type { Secret } from './secret.ts'

const settings = defineSettings({
  port: env.port('PORT', { default: 3000, describe: 'Port to listen on' }),
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
  url: env.url('DATABASE_URL', { optional: true, protocols: ['postgres', 'mysql'] }),
  key: env.secret('STRIPE_KEY', { requiredIn: 'production', minLength: 8, docs: 'docs/payments.md' }),
  timeout: env.duration('TIMEOUT', { default: '30s' }),
  size: env.byteSize('SIZE', { default: '1mb' }),
  hosts: env.list('HOSTS', { default: [] }),
  debug: env.boolean('DEBUG', { default: false }),
  ratio: env.number('RATIO', { default: 0.5, min: 0, max: 1 }),
  count: env.integer('COUNT', { default: 1, min: 1 }),
  name: env.string('NAME', { default: 'x', pattern: /^[a-z]+$/ }),
})

const read = (variables: Record<string, string> = {}, environment: 'development' | 'production' = 'development') =>
  readSettings([settings], { environment, variables }).get(settings) as Record<string, unknown>

test('types follow from the declarations', () => {
  type Values = NonNullable<(typeof settings)['type']>
  expectTypeOf<Values['port']>().toEqualTypeOf<number>()
  expectTypeOf<Values['currency']>().toEqualTypeOf<'EUR' | 'USD'>()
  expectTypeOf<Values['url']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Values['key']>().toEqualTypeOf<Secret | undefined>()
})

test('defaults hold where nothing, or an empty value, is given', () => {
  expect(read({ PORT: '', CURRENCY: '  ' })).toMatchObject({
    port: 3000,
    currency: 'EUR',
    url: undefined,
    timeout: 30_000,
    size: 1_048_576,
    hosts: [],
    debug: false,
    ratio: 0.5,
  })
})

test('values are read by their kinds and frozen', () => {
  const values = read({ PORT: '0', DATABASE_URL: 'postgres://x/y', TIMEOUT: '250ms', SIZE: '64kb', HOSTS: ' a, b,', DEBUG: 'YES', RATIO: '0.25', COUNT: '7' })
  expect(values).toMatchObject({ port: 0, url: 'postgres://x/y', timeout: 250, size: 65_536, hosts: ['a', 'b'], debug: true, ratio: 0.25, count: 7 })
  expect(Object.isFrozen(values)).toBe(true)
  expect(Object.isFrozen(values['hosts'])).toBe(true)
})

test('all mistakes are in one report, which masks secrets and says what was expected', () => {
  const variables = {
    PORT: '70000',
    CURRENCY: 'GBP',
    DATABASE_URL: 'redis://x',
    TIMEOUT: 'soon',
    SIZE: 'big',
    DEBUG: 'maybe',
    RATIO: '2',
    COUNT: '0',
    NAME: 'A1',
    STRIPE_KEY: 'hunter2',
  }
  const error = (() => {
    try {
      return read(variables, 'production')
    } catch (thrown) {
      return thrown as { code: string; detail: string; errors: { path: string[] }[] }
    }
  })() as { code: string; detail: string; errors: { path: string[] }[] }
  expect(error.code).toBe('SETTINGS_INVALID')
  expect(error.errors.map(({ path }) => path[0]).sort()).toEqual(Object.keys(variables).sort())
  expect(error.detail).toContain('CURRENCY: found "GBP", expected one of EUR, USD')
  expect(error.detail).toContain('STRIPE_KEY: found a value of 7 characters, expected a secret of at least 8 characters – see docs/payments.md')
  expect(error.detail).not.toContain('hunter2')
})

test('what is required in production only is asked for there only, with a suggestion', () => {
  expect(read()['key']).toBeUndefined()
  expect(() => read({ STRIPE_KY: 'abc' }, 'production')).toThrow('did you mean it by STRIPE_KY?')
})

test('a secret is shown nowhere, and may come from a file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'glueful-secret-')), 'key')
  writeFileSync(file, 'sk_live_12345678\n')
  const key = read({ STRIPE_KEY_FILE: file })['key'] as Secret
  expect(key.reveal()).toBe('sk_live_12345678')
  for (const shown of [`${String(key)}`, JSON.stringify({ key }), inspect(key), inspect({ key })]) expect(shown).not.toContain('sk_live')
  expect(() => read({ STRIPE_KEY_FILE: '/nowhere/key' })).toThrow('a file that cannot be read')
})

test('one name with two types is SETTING_DECLARED_TWICE', () => {
  const other = defineSettings({ port: env.string('PORT', { default: 'x' }) })
  expect(() => readSettings([settings, other], { environment: 'test', variables: {} })).toThrow(expect.objectContaining({ code: 'SETTING_DECLARED_TWICE' }))
})

describe('.env files', () => {
  test('quotes, comments, export and several lines', () => {
    const text = `# comment\nA=1\nexport B = two words # note\nC='single $x #'\nD="a\\nb \\"q\\""\nE="first\nsecond"\nF=\nG=a#b\n`
    expect(parseDotenv(text, '.env')).toEqual({ A: '1', B: 'two words', C: 'single $x #', D: 'a\nb "q"', E: 'first\nsecond', F: '', G: 'a#b' })
  })

  test.each([
    ['A=1\nnonsense', 2],
    ['A="open\nmore', 1],
    ['\n\nA="x" y', 3],
  ])('%j is DOTENV_MALFORMED in line %i', (text, line) => {
    expect(() => parseDotenv(text, '.env')).toThrow(
      expect.objectContaining({ code: 'DOTENV_MALFORMED', detail: expect.stringContaining(`Line ${line} of .env`) }),
    )
  })

  test('values survive writing and reading', () => {
    const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/)
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (values) => {
        const text = Object.entries(values)
          .map(([key, value]) => `${key}="${value.replace(/[\\"]/g, '\\$&').replaceAll('\r', '\\r')}"`)
          .join('\n')
        expect(parseDotenv(text, '.env')).toEqual({ ...values })
      }),
    )
  })

  test('later files override earlier ones, and tests do not read .env.local', () => {
    const folder = mkdtempSync(join(tmpdir(), 'glueful-env-'))
    writeFileSync(join(folder, '.env'), 'A=1\nB=1\nC=1')
    writeFileSync(join(folder, '.env.production'), 'B=2\nC=2')
    writeFileSync(join(folder, '.env.local'), 'C=3')
    expect(readDotenvFiles(folder, 'production')).toEqual({ A: '1', B: '2', C: '3' })
    expect(readDotenvFiles(folder, 'test')).toEqual({ A: '1', B: '1', C: '1' })
  })
})

describe('.env.example', () => {
  const example = renderEnvExample([coreSettings, settings])

  test('agrees with the settings it was made from, and names defaults but no secrets', () => {
    expect(checkEnv([coreSettings, settings], { exampleText: example, variables: {}, environment: 'development' })).toEqual([])
    expect(example).toContain('# Port to listen on\n# a port from 0 to 65535\nPORT=3000')
    expect(example).toContain('STRIPE_KEY=\n')
  })

  test('every kind of drift is found', () => {
    const drifted = `${example.replace('CURRENCY=EUR', 'CURRENCY=USD').replace(/^RATIO=.*$/m, '')}\nOLD=1\n`
    const found = checkEnv([coreSettings, settings], { exampleText: drifted, variables: { PORT: 'x' }, environment: 'development' })
    expect(found.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'invalid-in-environment PORT',
      'missing-in-example RATIO',
      'stale-default CURRENCY',
      'unknown-in-example OLD',
    ])
  })

  test('writing keeps what the settings do not know, and is stable', () => {
    const synced = syncEnvExample(`${example}OLD=1\n`, [coreSettings, settings])
    expect(synced).toContain('OLD=1')
    expect(syncEnvExample(synced, [coreSettings, settings])).toBe(synced)
  })

  test('two files are compared by names, never values', () => {
    expect(diffEnv({ A: 'secret', B: '1' }, { B: '2', C: '3' })).toEqual({ onlyLeft: ['A'], onlyRight: ['C'] })
  })
})
