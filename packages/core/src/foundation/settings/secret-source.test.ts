import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../app.ts'
import { auditSecurity } from '../../security/audit-security.ts'
import { createMemoryDestination } from '../logging/line-writer.ts'
import { defineSettings } from './define-settings.ts'
import { env } from './env.ts'
import { askSecretSources, type SecretRequest, type SecretSource } from './secret-source.ts'

const settings = defineSettings({
  currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
  stripe: env.secret('STRIPE_KEY', { requiredIn: 'production', minLength: 8 }),
  mail: env.secret('MAIL_PASSWORD', { optional: true }),
})
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glueful-sources-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const vault = (values: Record<string, unknown>, asked: SecretRequest[] = []): SecretSource => ({
  name: 'vault',
  read: async (request) => {
    asked.push(request)
    return values as Record<string, string>
  },
})
const appWith = (...secretSources: SecretSource[]) =>
  createApp({ name: 'shop', settings, secretSources, routes: {} }).with({
    environment: 'production',
    directory: folder,
    logDestination: createMemoryDestination(),
  })
const ask = (sources: readonly SecretSource[], variables: Record<string, string> = {}) =>
  askSecretSources(sources, [settings], { environment: 'production', variables })

describe('secret sources', () => {
  test('give secrets that the environment does not, and nothing else', async () => {
    const asked: SecretRequest[] = []
    const app = appWith(vault({ STRIPE_KEY: 'sk_live_from_vault', CURRENCY: 'USD', OTHER: 'x' }, asked))
    await app.ready()
    expect([app.use(settings).stripe?.reveal(), app.use(settings).mail, app.use(settings).currency]).toEqual(['sk_live_from_vault', undefined, 'EUR'])
    await app.ready()
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ environment: 'production', names: expect.arrayContaining(['STRIPE_KEY', 'MAIL_PASSWORD', 'APP_KEY']) })
    expect(asked[0]?.names).not.toContain('CURRENCY')
    await app.close()
  })

  test('are asked in their order for what is left; what is given by variable or file is not asked for', async () => {
    const [first, second]: [SecretRequest[], SecretRequest[]] = [[], []]
    const { variables } = await ask([vault({ STRIPE_KEY: 'first' }, first), vault({ STRIPE_KEY: 'second' }, second)], { MAIL_PASSWORD_FILE: '/run/mail' })
    expect([first[0]?.names, second.length, variables['STRIPE_KEY']]).toEqual([['STRIPE_KEY'], 0, 'first'])
    expect((await ask([vault({ STRIPE_KEY: 'vault' })], { STRIPE_KEY: 'process' })).variables['STRIPE_KEY']).toBe('process')
  })

  test('what they give is checked as any setting', async () => {
    const refused = await appWith(vault({ STRIPE_KEY: 'short' }))
      .ready()
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'SETTINGS_INVALID', detail: expect.stringContaining('STRIPE_KEY: found a value of 5 characters') })
    expect(String(refused)).not.toContain('short,')
  })

  test('that fail or hang keep the application from starting, and their secrets are in no message', async () => {
    const failing = appWith({ name: 'vault', read: () => Promise.reject(new Error('403 for token=hvs.CAESIJ at https://user:hunter2@vault')) })
    const refused = (await failing.ready().catch((error: unknown) => error)) as Error
    expect(refused).toMatchObject({
      code: 'SECRET_SOURCE_FAILED',
      message: expect.stringContaining('The secret source vault failed: Error: 403'),
    })
    expect([refused.cause, /hvs|hunter2/.test(refused.message)]).toEqual([undefined, false])
    let aborted = false
    const hanging: SecretSource = {
      name: 'slow vault',
      timeout: '20ms',
      read: ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (aborted = true))
        }),
    }
    await expect(appWith(hanging).ready()).rejects.toMatchObject({ code: 'SECRET_SOURCE_FAILED', message: expect.stringContaining('slow vault') })
    expect(aborted).toBe(true)
  })

  test.each([[null], ['text'], [{ STRIPE_KEY: 7 }]])('that answer %j are refused', async (answer) => {
    await expect(ask([vault(answer as never)])).rejects.toMatchObject({ code: 'SECRET_SOURCE_INVALID' })
  })

  test('are asked before what answers at once, by configure', async () => {
    const app = appWith(vault({ STRIPE_KEY: 'sk_live_from_vault' }))
    expect(() => app.routes()).toThrow(expect.objectContaining({ code: 'SECRETS_NOT_READ' }))
    await app.configure()
    expect(app.routes().length).toBeGreaterThan(0)
    await app.close()
  })

  test('are not asked where a test gives the environment', async () => {
    const asked: SecretRequest[] = []
    const app = createApp({ name: 'shop', settings, secretSources: [vault({}, asked)], routes: {} }).with({
      environment: 'test',
      env: { STRIPE_KEY: 'given here' },
    })
    await app.ready()
    expect([app.use(settings).stripe?.reveal(), asked.length]).toEqual(['given here', 0])
    await app.close()
  })

  test('give what the security check judges', async () => {
    const { findings } = await auditSecurity(createApp({ name: 'shop', settings, secretSources: [vault({ STRIPE_KEY: 'changeme' })], routes: {} }), {
      environment: 'production',
      directory: folder,
    })
    expect(JSON.stringify(findings)).toContain('STRIPE_KEY')
  })
})
