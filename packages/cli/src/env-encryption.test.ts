import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../bin/glueful.js', import.meta.url))
const marketplace = fileURLToPath(new URL('../../../apps/marketplace/', import.meta.url))
const text = 'CURRENCY=USD\nSTRIPE_KEY=sk_live_hunter2\n'
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(marketplace, '.cli-test-'))
  writeFileSync(
    join(folder, 'app.ts'),
    `import { createApp, defineSettings, env, route } from 'glueful'
const settings = defineSettings({ currency: env.string('CURRENCY'), stripe: env.secret('STRIPE_KEY', { requiredIn: 'production' }) })
export default createApp({
  name: 'fixture',
  settings,
  secretSources: [{ name: 'vault', read: () => ({ STRIPE_KEY: 'of the vault' }) }],
  routes: {},
  commands: [{ name: 'show', summary: 'Show', run: async ({ app, print }) => { await app.ready(); print(app.use(settings).currency + ' ' + app.use(settings).stripe.reveal()) } }],
})`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function glueful(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}
const at = (name: string) => join(folder, name)

test('settings are encrypted, opened by the application, changed, and refused when somebody else changes them', { timeout: 60_000 }, async () => {
  expect(await glueful(['env', 'encrypt'])).toMatchObject({ code: 1, stderr: expect.stringContaining('no .env.production here') })
  expect(await glueful(['env', 'encrypt', '--environment=staging'])).toMatchObject({ code: 2 })
  writeFileSync(at('.env.production'), text)
  expect(await glueful(['env', 'encrypt'])).toMatchObject({ code: 1, stderr: expect.stringContaining('SETTINGS_KEY') })

  const first = await glueful(['env', 'encrypt', '--generate-key', '--remove'])
  expect([first.code, existsSync(at('.env.production'))]).toEqual([0, false])
  const key = /^SETTINGS_KEY=(.+)$/m.exec(first.stdout)?.[1] as string
  expect(Buffer.from(key, 'base64')).toHaveLength(32)
  expect(readFileSync(at('.env.production.encrypted'), 'utf8')).not.toMatch(/hunter2|STRIPE/)

  const env = { APP_ENV: 'production', SETTINGS_KEY: key }
  expect((await glueful(['show'], env)).stdout).toBe('USD sk_live_hunter2\n')
  expect(await glueful(['show'], { APP_ENV: 'production' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('neither SETTINGS_KEY nor SETTINGS_KEY_FILE'),
  })
  expect((await glueful(['env', 'decrypt'], env)).stdout).toBe(text)

  expect((await glueful(['env', 'decrypt', '--output=.env.production'], env)).code).toBe(0)
  expect(statSync(at('.env.production')).mode & 0o777).toBe(0o600)
  expect(await glueful(['env', 'decrypt', '--output=.env.production'], env)).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') })
  expect((await glueful(['env', 'encrypt'], env)).stdout).toBe('.env.production.encrypted is up to date.\n')
  writeFileSync(at('.env.production'), 'CURRENCY=EUR\n')
  expect((await glueful(['env', 'encrypt', '--remove'], env)).stdout).toBe('.env.production.encrypted is written.\n')
  // What the file no longer has comes from the source.
  expect((await glueful(['show'], env)).stdout).toBe('EUR of the vault\n')

  const sealed = readFileSync(at('.env.production.encrypted'), 'utf8')
  writeFileSync(
    at('.env.production.encrypted'),
    sealed.replace(/[\w-](?=[\w-]{9}\n$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
  )
  const refused = await glueful(['show'], env)
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('was changed') })
  rmSync(at('.env.production.encrypted'))
})

test('what looks at the application asks its secret sources', { timeout: 60_000 }, async () => {
  const env = { APP_ENV: 'production', CURRENCY: 'EUR' }
  expect((await glueful(['show'], env)).stdout).toBe('EUR of the vault\n')
  expect((await glueful(['routes'], env)).code).toBe(0)
  expect((await glueful(['env', 'check', '--json'], env)).stdout).not.toContain('missing-in-environment')
  for (const name of ['encrypt', 'decrypt']) expect((await glueful(['env', name, '--help'])).stdout).toContain('--environment')
})
