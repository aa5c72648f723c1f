import { expect, test } from 'vitest'
import { checkEnv } from './check-env.ts'
import { coreSettings } from './core-settings.ts'
import { defineSettings } from './define-settings.ts'
import { env } from './env.ts'
import { renderEnvExample } from './env-example.ts'

const settings = defineSettings({
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
  ratio: env.number('RATIO', { default: 0.5 }),
  key: env.secret('STRIPE_KEY', { requiredIn: 'production', example: 'sk_test_…' }),
  currencies: env.list('CURRENCIES', { default: [] }),
})
const definitions = [coreSettings, settings]
const example = renderEnvExample(definitions)

const find = (exampleText: string | undefined, variables: Record<string, string> = {}, environment: 'development' | 'production' = 'development') =>
  checkEnv(definitions, { exampleText, variables, environment })

test('settings agree with the example made from them, also where it shows how a secret looks', () => {
  expect(find(example)).toEqual([])
  expect(find(example.replace('STRIPE_KEY=', 'STRIPE_KEY=sk_test_…'))).toEqual([])
})

test('a slip in a file that the environment is read from is found; what is like no setting is for others', () => {
  const files = { '.env': 'PROT=8080\nSTRIPE_KEY_FILE=/run/secrets/stripe\nCOMPOSE_PROJECT_NAME=shop\nCURRENCY=USD\n', '.env.local': 'CURENCY=EUR\n' }
  expect(checkEnv(definitions, { exampleText: example, variables: {}, environment: 'development', files })).toEqual([
    { name: 'PROT', kind: 'unknown-in-file', message: 'PROT is in .env and nothing reads it – is it meant to be PORT?' },
    { name: 'CURENCY', kind: 'unknown-in-file', message: 'CURENCY is in .env.local and nothing reads it – is it meant to be CURRENCY?' },
  ])
})

test('every kind of drift is found, and no finding shows a secret', () => {
  const drifted = `${example
    .replace('CURRENCY=EUR', 'CURRENCY=USD')
    .replace(/^RATIO=.*$/m, '')
    .replace('STRIPE_KEY=', 'STRIPE_KEY=sk_live_1')}\nOLD=1\nRATO=1\ntoString=1\n`
  const found = find(drifted, { PORT: 'x' }, 'production')
  expect(found.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    'invalid-in-environment PORT',
    'missing-in-environment STRIPE_KEY',
    'missing-in-example RATIO',
    'secret-in-example STRIPE_KEY',
    'stale-default CURRENCY',
    'unknown-in-example OLD',
    'unknown-in-example RATO',
    'unknown-in-example toString',
  ])
  const messages = found.map(({ message }) => message)
  expect(messages).toContain('CURRENCY is "USD" in .env.example, which should say "EUR"')
  expect(messages).toContain('RATO is in .env.example and nothing reads it – is it meant to be RATIO?')
  expect(messages.join()).not.toContain('sk_live')
})

test('without an example everything is missing from it, and a malformed one is DOTENV_MALFORMED', () => {
  expect(new Set(find(undefined).map(({ kind }) => kind))).toEqual(new Set(['missing-in-example']))
  expect(() => checkEnv(definitions, { exampleText: 'x', exampleFile: 'my.env', variables: {}, environment: 'test' })).toThrow('Line 1 of my.env')
})
