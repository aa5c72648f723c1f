import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkEnv } from './check-env.ts'
import { coreSettings } from './core-settings.ts'
import { defineSettings } from './define-settings.ts'
import { env } from './env.ts'
import { renderEnvExample, syncEnvExample } from './env-example.ts'
import { parseDotenv } from './parse-dotenv.ts'
import { readAllSettings } from './read-settings.ts'

const settings = defineSettings({
  port: env.port('PORT', { default: 3000, describe: 'Port to listen on\n(0 takes a free one)' }),
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
  greeting: env.string('GREETING', { default: "it's #1" }),
  stripe: { key: env.secret('STRIPE_KEY', { requiredIn: 'production' }) },
  host: env.string('HOST', { default: '127.0.0.1', defaultIn: { production: '0.0.0.0' } }),
  database: env.url('DATABASE_URL', { example: 'postgres://db/shop' }),
})
const definitions = [settings]

describe('rendering', () => {
  test('gives each setting its description, what it accepts and its default, and secrets no value', () => {
    expect(renderEnvExample(definitions).split('\n\n').slice(1).join('\n\n')).toBe(
      [
        '# Port to listen on\n# (0 takes a free one)\n# a port from 0 to 65535\nPORT=3000\n',
        '# one of EUR, USD\nCURRENCY=EUR\n',
        '# text\nGREETING="it\'s #1"\n',
        '# a secret; required in production; or STRIPE_KEY_FILE names a file that holds it\nSTRIPE_KEY=\n',
        '# text; default: 127.0.0.1 in development, 127.0.0.1 in test, 0.0.0.0 in production\nHOST=\n',
        '# a URL with protocol and host, for example postgres://db/shop; required\nDATABASE_URL=\n',
      ].join('\n'),
    )
  })

  test('a copy of the example changes nothing', () => {
    for (const environment of ['development', 'production'] as const) {
      const bare = readAllSettings([coreSettings], { environment, variables: {} }).get(coreSettings)
      expect(readAllSettings([coreSettings], { environment, variables: parseDotenv(renderEnvExample([coreSettings]), '.env') }).get(coreSettings)).toEqual(bare)
    }
  })
})

describe('syncing', () => {
  test('writes the whole example where there is none', () => {
    expect(syncEnvExample('\n', definitions)).toBe(renderEnvExample(definitions))
  })

  test('keeps places, remarks, comments set apart and unknown lines; corrects the rest', () => {
    const existing = `# Shop

# --- money ---

# an old description
CURRENCY=USD # ask finance
CURRENCY=USD
COMPOSE_PROJECT_NAME=shop
STRIPE_KEY=sk_live_1
# any free port
PORT=3000 # fixed

# the end`
    expect(syncEnvExample(existing, definitions)).toBe(`# Shop

# --- money ---

# one of EUR, USD
CURRENCY=EUR # ask finance

# text
GREETING="it's #1"

COMPOSE_PROJECT_NAME=shop
# a secret; required in production; or STRIPE_KEY_FILE names a file that holds it
STRIPE_KEY=

# text; default: 127.0.0.1 in development, 127.0.0.1 in test, 0.0.0.0 in production
HOST=

# a URL with protocol and host, for example postgres://db/shop; required
DATABASE_URL=

# Port to listen on
# (0 takes a free one)
# a port from 0 to 65535
PORT=3000 # fixed

# the end
`)
  })

  test('settles in one run, whatever was there, and keeps every unknown name', () => {
    const rendered = renderEnvExample(definitions)
    const line = fc.constantFrom(...rendered.split('\n'), 'OTHER=1', '# note', '', 'PORT=1', 'export LAST="a\nb"', 'STRIPE_KEY=x')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const existing = lines.join('\n')
        const synced = syncEnvExample(existing, definitions)
        expect(syncEnvExample(synced, definitions)).toBe(synced)
        const left = checkEnv(definitions, { exampleText: synced, environment: 'development', variables: { DATABASE_URL: 'postgres://db/x' } })
        expect(new Set(left.map(({ kind }) => kind).filter((kind) => kind !== 'unknown-in-example'))).toEqual(new Set())
        expect(Object.keys(parseDotenv(synced, '')).sort()).toEqual(
          [...new Set([...Object.keys(parseDotenv(existing, '')), ...Object.keys(parseDotenv(rendered, ''))])].sort(),
        )
      }),
    )
  })

  test('of one variable declared twice, the described declaration is written, once', () => {
    const more = defineSettings({ currency: env.enum('CURRENCY', ['EUR', 'USD'], { describe: 'Of all prices' }) })
    expect(renderEnvExample([settings, more]).match(/.*\n.*\nCURRENCY=.*/g)).toEqual(['# Of all prices\n# one of EUR, USD; required\nCURRENCY='])
  })
})
