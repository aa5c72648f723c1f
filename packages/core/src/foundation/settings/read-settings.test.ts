import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { GluefulError } from '../errors/define-errors.ts'
import type { Use } from '../services/service.ts'
import { defineSettings } from './define-settings.ts'
import { env } from './env.ts'
import { examineSettings, overrideSettings, readAllSettings, readSettings } from './read-settings.ts'
import { Secret } from './secret.ts'

const settings = defineSettings({
  port: env.port('PORT', { default: 3000, describe: 'Port to listen on' }),
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
  database: env.url('DATABASE_URL', { optional: true, protocols: ['postgres'] }),
  stripe: {
    key: env.secret('STRIPE_KEY', { requiredIn: 'production', minLength: 8, docs: 'docs/payments.md' }),
    timeout: env.duration('STRIPE_TIMEOUT', { default: '30s' }),
  },
  hosts: env.list('HOSTS', { default: [] }),
})

const development = (variables: Record<string, string | undefined>) => ({ environment: 'development', variables }) as const
const production = (variables: Record<string, string | undefined>) => ({ environment: 'production', variables }) as const

function refusal(read: () => unknown): GluefulError {
  try {
    read()
  } catch (error) {
    return error as GluefulError
  }
  return expect.unreachable('nothing was refused')
}

describe('reading', () => {
  test('variables become values, and defaults hold where a variable is missing, empty or blank', () => {
    expect(readSettings(settings, development({ PORT: '0', CURRENCY: '  ', HOSTS: 'a, b', STRIPE_TIMEOUT: '' }))).toEqual({
      port: 0,
      currency: 'EUR',
      database: undefined,
      stripe: { key: undefined, timeout: 30_000 },
      hosts: ['a', 'b'],
    })
  })

  test('values are typed and frozen in depth', () => {
    const values = readSettings(settings, development({}))
    expectTypeOf(values.stripe.key).toEqualTypeOf<Secret | undefined>()
    expectTypeOf(values.currency).toEqualTypeOf<'EUR' | 'USD'>()
    for (const part of [values, values.stripe, values.hosts]) expect(Object.isFrozen(part)).toBe(true)
  })

  test('a definition is the token by which its values are asked for', () => {
    const use = (<T>() => readSettings(settings, development({})) as T) as Use
    expectTypeOf(use(settings).currency).toEqualTypeOf<'EUR' | 'USD'>()
    expect(use(settings).stripe.timeout).toBe(30_000)
    expect([settings.kind, settings.name, defineSettings({}, { name: 'mail' }).name]).toEqual(['service', 'settings', 'mail'])
  })

  test('overrides take the place of variables, groups included, and need none', () => {
    const key = new Secret('for tests')
    const values = readSettings(settings, { ...production({ CURRENCY: 'nonsense' }), overrides: { currency: 'USD', stripe: { key } } })
    expect(values).toMatchObject({ currency: 'USD', stripe: { key, timeout: 30_000 } })
    const hosts = ['a']
    expect(readAllSettings([settings], development({}), [overrideSettings(settings, { hosts })]).get(settings)?.hosts).toEqual(hosts)
    expect(Object.isFrozen(hosts)).toBe(false)
  })

  test('an override of nothing is refused', () => {
    const overrides = { stripe: { kee: 'x' } } as object
    expect(refusal(() => readSettings(settings, { ...development({}), overrides })).detail).toContain(
      'kee: found an override, expected the key of a setting – is key meant to be kee?',
    )
  })

  test('defaults depend on the environment, and without one the setting must be given', () => {
    const own = defineSettings({
      host: env.string('HOST', { default: 'a', defaultIn: { production: 'b' } }),
      url: env.string('URL', { defaultIn: { development: 'x', test: 'y' } }),
    })
    expect(readSettings(own, development({}))).toEqual({ host: 'a', url: 'x' })
    expect(readSettings(own, production({ URL: 'z' }))).toEqual({ host: 'b', url: 'z' })
    expect(refusal(() => readSettings(own, production({}))).detail).toContain('URL: found nothing, expected text')
  })
})

describe('mistakes', () => {
  test('of all definitions are in one SETTINGS_INVALID, which says what was found and expected and where more is said', () => {
    const mail = defineSettings({ from: env.string('MAIL_FROM'), shared: env.port('PORT') }, { name: 'mail', docs: 'docs/mail.md' })
    const error = refusal(() => readAllSettings([settings, mail], production({ PORT: '70000', CURRENCY: 'GBP', STRIPE_KEY: 'hunter2', STRIPE_TIMEOUT: '30' })))
    expect(error.code).toBe('SETTINGS_INVALID')
    expect(error.detail.split('\n').slice(1, -1)).toEqual([
      '  PORT: found "70000", expected a port from 0 to 65535 (Port to listen on)',
      '  CURRENCY: found "GBP", expected one of EUR, USD',
      '  STRIPE_KEY: found a value of 7 characters, expected a secret of at least 8 characters – see docs/payments.md',
      '  STRIPE_TIMEOUT: found "30", expected a duration (250ms, 30s, 5m, 2h, 7d)',
      '  MAIL_FROM: found nothing, expected text – see docs/mail.md',
    ])
    expect(error.errors?.map(({ path, code }) => `${path.join('.')} ${code}`)).toEqual([
      'PORT invalid',
      'CURRENCY invalid',
      'STRIPE_KEY invalid',
      'STRIPE_TIMEOUT invalid',
      'MAIL_FROM missing',
    ])
  })

  test('what is required in production is asked for there only, with a near miss among what is set', () => {
    expect(readSettings(settings, development({})).stripe.key).toBeUndefined()
    const near = { STRIPE_KY: 'x', STRIPE_TIMEOUT: '1s', STRIPE_KEYS: '' }
    expect(refusal(() => readSettings(settings, production(near))).detail).toContain(
      'STRIPE_KEY: found nothing, expected a secret of at least 8 characters – is STRIPE_KY meant to be STRIPE_KEY?',
    )
    expect(refusal(() => readSettings(settings, production({ STRIPE_KY: '' }))).detail).not.toContain('STRIPE_KY ')
  })

  test.each([
    ['redis://user:p@ss/word@host/1?token=abc', 'redis://***@host/1?***'],
    ['user:pass@host', '***@host'],
  ])('no message shows the credentials of %s', (url, shown) => {
    expect(refusal(() => readSettings(settings, development({ DATABASE_URL: url }))).detail).toContain(`found "${shown}"`)
  })

  test('no message shows text whose name says that it is secret', () => {
    const own = defineSettings({ token: env.string('API_TOKEN', { pattern: /^t_/ }) })
    expect(refusal(() => readSettings(own, development({ API_TOKEN: 'hunter2' }))).message).not.toContain('hunter2')
  })

  test('are returned by examineSettings', () => {
    const { values, faults } = examineSettings([settings], development({ PORT: 'x' }))
    expect(faults).toMatchObject([{ name: 'PORT', code: 'invalid', found: '"x"' }])
    expect(values.get(settings)?.currency).toBe('EUR')
  })
})

describe('secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-secret-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const found = (path: string) => examineSettings([settings], development({ STRIPE_KEY_FILE: path })).faults.map((fault) => `${fault.code}: ${fault.found}`)

  test('may come from a mounted file, without its last line break', () => {
    expect(readSettings(settings, production({ STRIPE_KEY_FILE: file('key', 'sk_live_1234\n') })).stripe.key?.reveal()).toBe('sk_live_1234')
  })

  test('a file that gives nothing is reported by its reason', () => {
    mkdirSync(join(folder, 'folder'))
    expect(found('/nowhere/key')).toEqual(['unreadable: a file that cannot be read (/nowhere/key, ENOENT)'])
    expect(found(join(folder, 'folder'))).toEqual([`unreadable: a file that cannot be read (${join(folder, 'folder')}, EISDIR)`])
    expect(found(file('empty', '\n'))).toEqual([`unreadable: an empty file (${join(folder, 'empty')})`])
    expect(found(file('large', 'x'.repeat(65_537)))).toEqual([`unreadable: a file of more than 64 KB (${join(folder, 'large')})`])
  })

  test('given twice is refused, since either could be meant', () => {
    const variables = { STRIPE_KEY: 'sk_live_1234', STRIPE_KEY_FILE: file('other', 'sk_live_5678') }
    expect(examineSettings([settings], development(variables)).faults).toMatchObject([{ code: 'ambiguous', found: 'both STRIPE_KEY and STRIPE_KEY_FILE' }])
  })

  test('a default of the source is never used in production, not even when it is copied to a variable', () => {
    const own = defineSettings({ key: env.secret('APP_KEY', { default: 'for development', example: 'change me' }) })
    expect(readSettings(own, development({})).key.reveal()).toBe('for development')
    const faults = (variables: Record<string, string>) => examineSettings([own], production(variables)).faults.map(({ code }) => code)
    expect([faults({}), faults({ APP_KEY: 'for development' }), faults({ APP_KEY: 'change me' }), faults({ APP_KEY: 'good' })]).toEqual([
      ['missing'],
      ['invalid'],
      ['invalid'],
      [],
    ])
  })
})

describe('one variable in two definitions', () => {
  const read = (one: Parameters<typeof defineSettings>[0][string], other: typeof one) => () =>
    readAllSettings([defineSettings({ one }), defineSettings({ other })], development({}))

  test('of different kinds is SETTING_DECLARED_TWICE', () => {
    const error = refusal(read(env.port('PORT', { default: 1 }), env.string('PORT', { default: 'x' })))
    expect([error.code, error.detail]).toEqual([
      'SETTING_DECLARED_TWICE',
      'PORT is declared as env.port with the default 1 and as env.string with the default x.',
    ])
  })

  test('with different defaults as well, and the defaults of secrets are not told', () => {
    expect(refusal(read(env.port('PORT', { default: 1 }), env.port('PORT', { default: 2 }))).code).toBe('SETTING_DECLARED_TWICE')
    expect(refusal(read(env.secret('KEY', { default: 'hunter1' }), env.secret('KEY', { default: 'hunter2' }))).message).not.toContain('hunter')
  })

  test('is allowed where both agree or only one has a default', () => {
    expect(read(env.port('PORT', { default: 1 }), env.port('PORT', { default: 1, describe: 'x' }))).not.toThrow()
    expect(read(env.url('URL', { default: 'http://a' }), env.url('URL', { optional: true }))).not.toThrow()
  })
})
