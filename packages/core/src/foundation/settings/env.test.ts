import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Environment } from '../environment.ts'
import { defineSettings, type ValuesOf } from './define-settings.ts'
import { env } from './env.ts'
import { renderDotenvValue } from './parse-dotenv.ts'
import type { Secret } from './secret.ts'
import type { Setting } from './setting.ts'

test('the type of a value follows from kind and options', () => {
  const settings = defineSettings({
    port: env.port('PORT', { default: 3000 }),
    name: env.string('NAME'),
    currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
    url: env.url('URL', { optional: true }),
    key: env.secret('KEY', { requiredIn: 'production' }),
    appKey: env.secret('APP_KEY', { defaultIn: { development: 'dev', test: 'dev' } }),
    format: env.enum('FORMAT', ['a', 'b'], { default: 'a', requiredIn: 'production' }),
    hosts: env.list('HOSTS', { default: ['a'] }),
    timeout: env.duration('TIMEOUT', { default: '30s' }),
    mail: { from: env.string('MAIL_FROM', { optional: true }), size: env.byteSize('MAIL_SIZE', { default: '1mb' }) },
  })
  expectTypeOf<ValuesOf<typeof settings>>().toEqualTypeOf<{
    readonly port: number
    readonly name: string
    readonly currency: 'EUR' | 'USD'
    readonly url: string | undefined
    readonly key: Secret | undefined
    readonly appKey: Secret
    readonly format: 'a' | 'b'
    readonly hosts: readonly string[]
    readonly timeout: number
    readonly mail: { readonly from: string | undefined; readonly size: number }
  }>()
  // @ts-expect-error a default outside of the values
  expect(() => env.enum('CURRENCY', ['EUR', 'USD'], { default: 'GBP' })).toThrow('"GBP" is not one of EUR, USD')
  // @ts-expect-error a secret has no default in production
  expect(() => env.secret('KEY', { defaultIn: { production: 'x' } })).toThrow('a secret has no default in production')
})

describe('each kind reads what it says', () => {
  const good: [string, Setting, string, unknown][] = [
    ['string', env.string('X'), ' as it stands ', ' as it stands '],
    ['string with a pattern', env.string('X', { pattern: /^[a-z]+$/g }), 'abc', 'abc'],
    ['list of what passes a test', env.list('X', { each: { test: (item: string) => item.length === 2, expected: 'pairs' } }), 'ab, cd', ['ab', 'cd']],
    ['integer', env.integer('X', { min: -5 }), '-5', -5],
    ['integer', env.integer('X'), '-0', 0],
    ['number', env.number('X'), '1.5e3', 1500],
    ['port', env.port('X'), '0', 0],
    ['boolean', env.boolean('X'), 'YES', true],
    ['boolean', env.boolean('X'), 'off', false],
    ['enum', env.enum('X', ['a', 'b']), 'b', 'b'],
    ['url', env.url('X', { protocols: ['postgres'] }), 'postgres://u:p@db/x', 'postgres://u:p@db/x'],
    ['duration', env.duration('X'), '250ms', 250],
    ['duration', env.duration('X'), '0', 0],
    ['byteSize', env.byteSize('X'), '64kb', 65_536],
    ['byteSize', env.byteSize('X'), '500', 500],
    ['list', env.list('X'), ' a, b,', ['a', 'b']],
    ['list', env.list('X'), ',', []],
  ]
  test.each(good)('%s', (_, setting, text, value) => {
    // twice: a global pattern must not remember where it stopped
    expect([setting.parse(text), setting.parse(text)]).toEqual([value, value])
  })

  const bad: [string, Setting, string][] = [
    ['text that matches /^[a-z]+$/', env.string('X', { pattern: /^[a-z]+$/ }), 'A1'],
    ['text of at least 3 characters', env.string('X', { minLength: 3 }), 'ab'],
    ['a whole number from 1 to 9', env.integer('X', { min: 1, max: 9 }), '10'],
    ['a whole number', env.integer('X'), '1.5'],
    ['a whole number', env.integer('X'), '9'.repeat(16)],
    ['a number of at most 1', env.number('X', { max: 1 }), '2'],
    ['a number', env.number('X'), '1e999'],
    ['a port from 0 to 65535', env.port('X'), '65536'],
    ['true or false', env.boolean('X'), 'constructor'],
    ['one of a, b', env.enum('X', ['a', 'b']), 'A'],
    ['a URL with protocol and host', env.url('X'), 'localhost:3000'],
    ['a URL that starts with postgres:// or mysql://', env.url('X', { protocols: ['postgres', 'mysql'] }), 'redis://x'],
    ['a duration (250ms, 30s, 5m, 2h, 7d)', env.duration('X'), '30'],
    ['a duration of at least 1s (250ms, 30s, 5m, 2h, 7d)', env.duration('X', { min: '1s' }), '999ms'],
    ['a size of at most 1kb (500b, 64kb, 1mb, 2gb)', env.byteSize('X', { max: '1kb' }), '2kb'],
    ['values separated by commas, each matching /^\\d+$/', env.list('X', { pattern: /^\d+$/ }), '1,b'],
    ['a secret of at least 8 characters', env.secret('X', { minLength: 8 }), 'short'],
    ['a whole number, for example 12', env.integer('X', { example: '12' }), 'twelve'],
  ]
  test.each(bad)('%s', (expected, setting, text) => {
    expect(setting.parse(text)).toBeUndefined()
    expect(setting.expected).toBe(expected)
  })

  test('whatever stands in the variable, a kind answers with its own type or refuses', () => {
    const types: Record<string, Setting> = { boolean: env.boolean('X'), number: env.number('X'), string: env.url('X'), object: env.list('X') }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', '1e5', '5m', 'http://')), (text) => {
        for (const [type, setting] of Object.entries(types)) expect(['undefined', type]).toContain(typeof setting.parse(text))
      }),
    )
  })

  test('a default is read back as it was declared', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.double({ noNaN: true, noDefaultInfinity: true }), (whole, real) => {
        const settings: [Setting, unknown][] = [
          [env.integer('X', { default: whole }), whole],
          [env.duration('X', { default: whole }), whole],
          [env.byteSize('X', { default: whole }), whole],
          [env.number('X', { default: real }), real + 0],
        ]
        for (const [setting, value] of settings) expect(setting.parse(setting.defaultText as string)).toBe(value)
      }),
    )
  })
})

test.each<[string, () => unknown]>([
  ['a name consists of letters', () => env.string('MY-NAME')],
  ['its default "0" is not a whole number of at least 1', () => env.integer('X', { default: 0, min: 1 })],
  ['its default in production "x" is not text that matches /^y$/', () => env.string('X', { default: 'y', pattern: /^y$/, defaultIn: { production: 'x' } })],
  ['its default "a,b" is not values separated by commas', () => env.list('X', { default: ['a,b'] })],
  ['its default is not a secret of at least 8 characters', () => env.secret('X', { default: 'hunter2', minLength: 8 })],
  ['its example "soon" is not a duration', () => env.duration('X', { example: 'soon' })],
  ['defualt is not an option of env.string – did you mean default?', () => env.string('X', { describe: 'x', defualt: 'a' } as object)],
  ['min is not an option of env.port', () => env.port('X', { default: 1, min: 1 } as object)],
])('a declaration that cannot work is SETTING_DECLARATION_INVALID: %s', (reason, declare) => {
  expect(declare).toThrow(expect.objectContaining({ code: 'SETTING_DECLARATION_INVALID', detail: expect.stringContaining(reason) }))
})

test('environments are those of the framework', () => {
  env.string('X', { requiredIn: ['production', 'test'] satisfies Environment[] })
  // @ts-expect-error no environment of this name
  env.string('X', { requiredIn: 'staging' })
  expect(renderDotenvValue('plain')).toBe('plain')
})
