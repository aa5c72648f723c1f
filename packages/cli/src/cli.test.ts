import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../bin/glueful.js', import.meta.url))
const marketplace = fileURLToPath(new URL('../../../apps/marketplace/', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(marketplace, '.cli-test-'))
  writeFileSync(
    join(folder, 'app.ts'),
    `import { createApp, defineSettings, env, route } from 'glueful'
export default createApp({
  name: 'fixture',
  settings: defineSettings({ currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }) }),
  routes: { cars: { show: route.get('/cars/:id', { timeout: '5s' }, ({ params }) => params.id) } },
  commands: [{ name: 'cars count', summary: 'Count cars', arguments: '[WHERE]', options: { make: { summary: 'Only this make', value: 'MAKE' }, cache: 'Ask the cache first', verbose: 'Say more' }, run: async ({ args, options, print }) => { print(JSON.stringify({ args, options })); return 3 } }],
})`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function glueful(args: readonly string[], env: Record<string, string> = {}, cwd = folder): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd, env: { PATH: process.env['PATH'] ?? '', ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

test('what is printed gets through a pipe whole, and a reader may leave early', { timeout: 60_000 }, async () => {
  const piped = (command: string) =>
    spawnSync('sh', ['-o', 'errexit', '-c', command], {
      cwd: marketplace,
      // The oldest supported Node warns of node:sqlite.
      env: { PATH: process.env['PATH'] ?? '', NODE_NO_WARNINGS: '1' },
      encoding: 'utf8',
      maxBuffer: 10_000_000,
    })
  const run = `${JSON.stringify(process.execPath)} ${JSON.stringify(bin)} openapi`
  const { stdout, stderr } = piped(`${run} | cat`)
  expect(stderr).toBe('')
  expect(stdout.length).toBeGreaterThan(100_000)
  expect((JSON.parse(stdout) as { openapi: string }).openapi).toBe('3.1.1')
  expect(piped(`${run} | head -n 1`)).toMatchObject({ stdout: '{\n', stderr: '' })
})

test('help lists every command, and each has its own', { timeout: 60_000 }, async () => {
  const { stdout, code } = await glueful(['--help'])
  expect(code).toBe(0)
  const names = [...stdout.matchAll(/^ {2}(\w+(?: \w+)*) {2,}\S/gm)].map((match) => match[1] as string)
  expect(names).toEqual([
    'dev',
    'serve',
    'routes',
    'openapi',
    'api diff',
    'api version list',
    'api version deprecate',
    'cache inspect',
    'cache clear',
    'env check',
    'env sync',
    'env diff',
    'env encrypt',
    'env decrypt',
    'security check',
    'security scan',
    'security report',
    'doctor',
    'cars count',
  ])
  expect(stdout).toContain('Commands of the application and its extensions:')
  for (const name of names) {
    const help = await glueful([...name.split(' '), '--help'])
    expect(help.stdout).toContain(`Usage: glueful ${name}`)
    expect(help.stdout).toContain('--no-interaction')
  }
})

test('help costs no more than 150 ms of processor time beyond Node itself', { timeout: 60_000 }, () => {
  const env = { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const report = "process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('\\ncpu ' + (user + system) / 1000) })"
  const preload = `data:text/javascript,${encodeURIComponent(report)}`
  const measure = (args: readonly string[]) => {
    const { stderr } = spawnSync(process.execPath, ['--import', preload, ...args], { cwd: tmpdir(), env, encoding: 'utf8' })
    return Number(/cpu ([\d.]+)$/.exec(stderr)?.[1])
  }
  // The least of several, by processor time: what others do on the machine is not the command's cost.
  const least = (args: readonly string[]) => Math.min(...Array.from({ length: 5 }, () => measure(args)))
  const bare = least(['--eval', '0'])
  expect(bare).toBeGreaterThan(0)
  expect(least([bin, '--help']) - bare).toBeLessThan(150)
})

test('the version names the runtime', async () => {
  expect((await glueful(['--version'])).stdout).toMatch(/^glueful \d+\.\d+\.\d+ \(Node \d+/)
})

describe('called wrongly, it says what is meant and exits with 2', () => {
  test.each([
    [['rutes'], 'Unknown command', "'routes'"],
    [['routes', '--jsn'], 'Unknown option', "'--json'"],
    [['cars', 'count', '--mak=x'], 'Unknown option', "'--make'"],
    [['cars', 'count', '--make'], 'Invalid option value', '--make=MAKE'],
    [['cars', 'cuont'], 'Unknown command', "'cars count'"],
    [['env', 'diff'], 'Missing argument', 'LEFT'],
    [['env', 'diff', '.env'], 'Missing argument', 'RIGHT'],
    [['serve', '--port=99999'], 'Invalid option value', 'a whole number from 0 to 65535'],
  ])('%j', async (args, title, hint) => {
    const { code, stderr } = await glueful(args)
    expect(code).toBe(2)
    expect(stderr).toContain(title)
    expect(stderr).toContain(hint)
  })

  test('the catalog has COMMAND_UNKNOWN, COMMAND_ARGUMENT_UNKNOWN, COMMAND_ARGUMENT_MISSING, COMMAND_OPTION_UNKNOWN, COMMAND_OPTION_INVALID, APP_FILE_MISSING, APP_FILE_INVALID and COMMAND_OUTPUT_UNWRITABLE for it', async () => {
    const { fail } = await import('./errors.ts')
    expect(Object.keys(fail.catalog)).toEqual([
      'COMMAND_UNKNOWN',
      'COMMAND_ARGUMENT_UNKNOWN',
      'COMMAND_ARGUMENT_MISSING',
      'COMMAND_OPTION_UNKNOWN',
      'COMMAND_OPTION_INVALID',
      'COMMAND_OUTPUT_UNWRITABLE',
      'ENV_FILE_MISSING',
      'ENV_FILE_EXISTS',
      'DOCUMENT_UNREADABLE',
      'CACHE_NOT_SHARED',
      'APP_FILE_MISSING',
      'APP_IMPORT_MISSING',
      'APP_NOT_A_MODULE',
      'APP_SYNTAX_NOT_ERASABLE',
      'APP_FILE_INVALID',
    ])
  })
})

test('a missing or wrong application is told with what to do', async () => {
  const missing = await glueful(['routes'], {}, dirname(marketplace))
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('--app')])
  writeFileSync(join(folder, 'wrong.ts'), 'export default 1')
  const wrong = await glueful(['routes', '--app=wrong.ts'])
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('createApp')])
})

test('routes are a table or JSON, with their stages on request', async () => {
  const table = (await glueful(['routes', '--name=cars'])).stdout
  expect(table).toMatch(/GET\s+\/cars\/:id\s+cars\.show.*timeout/)
  expect(table).toContain('1 routes')
  expect((await glueful(['routes', '--explain', '--name=cars'])).stdout).toContain('edge:requestId → edge:securityHeaders → handle:timeout')
  const rows = JSON.parse((await glueful(['routes', '--json', '--method=get', '--path=/cars'])).stdout) as object[]
  expect(rows).toMatchObject([{ method: 'GET', path: '/cars/:id', name: 'cars.show' }])
})

test('openapi prints or writes the document', async () => {
  const printed = JSON.parse((await glueful(['openapi'])).stdout) as { openapi: string }
  expect(printed.openapi).toBe('3.1.1')
  await glueful(['openapi', '--output=openapi.json'])
  expect(JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'))).toEqual(printed)
})

test('env sync writes the example, env:check finds drift, env diff compares', async () => {
  expect((await glueful(['env:check'])).code).toBe(1)
  expect((await glueful(['env', 'sync'])).stdout).toContain('.env.example is written')
  expect((await glueful(['env:check'])).stdout).toContain('agree')
  const drift = await glueful(['env', 'check', '--json'], { CURRENCY: 'GBP' })
  expect(drift.code).toBe(1)
  expect(JSON.parse(drift.stdout)).toMatchObject([{ name: 'CURRENCY', kind: 'invalid-in-environment' }])
  writeFileSync(join(folder, 'a.env'), 'A=secret\nB=1')
  writeFileSync(join(folder, 'b.env'), 'B=2')
  const diff = await glueful(['env', 'diff', 'a.env', 'b.env'])
  expect([diff.code, diff.stdout]).toEqual([1, 'only in a.env: A\n'])
})

test('commands of the application run by their own names', async () => {
  const { code, stdout } = await glueful(['cars:count', 'x', '--make=Volvo', '--no-cache', '--verbose'])
  expect(code).toBe(3)
  expect(JSON.parse(stdout)).toEqual({ args: ['x'], options: { make: 'Volvo', cache: false, verbose: true } })
  expect((await glueful(['cars', 'count', '--make', 'Saab', '--', '--x'])).stdout).toBe('{"args":["--x"],"options":{"make":"Saab"}}\n')
  const help = await glueful(['cars', 'count', '--help'])
  expect(help.stdout).toContain('Usage: glueful cars count [WHERE] [options]')
  expect(help.stdout).toMatch(/--make=MAKE +Only this make/)
})

test('doctor passes a healthy application and fails one that cannot run', async () => {
  const well = await glueful(['doctor'], { PORT: '0' })
  expect([well.code, well.stdout]).toEqual([0, expect.stringContaining('ok    health')])
  const broken = await glueful(['doctor', '--json'], { PORT: '0', CURRENCY: 'GBP' })
  expect(broken.code).toBe(1)
  expect(JSON.parse(broken.stdout)).toContainEqual(expect.objectContaining({ check: 'settings', ok: false }))
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const busy = await glueful(['doctor'], { PORT: String(port) })
  expect([busy.code, busy.stdout]).toEqual([1, expect.stringContaining('EADDRINUSE')])
  taken.close()
})

test('serve reports all invalid settings at once', async () => {
  const { code, stderr } = await glueful(['serve'], { PORT: 'x', CURRENCY: 'GBP' })
  expect(code).toBe(1)
  expect(stderr).toContain('PORT: found "x"')
  expect(stderr).toContain('CURRENCY: found "GBP"')
})

test('security check fails on critical findings, and prints text, JSON, SARIF or a file', async () => {
  const variables = { FORCE_HTTPS: 'true', ALLOWED_HOSTS: 'api.example.com' }
  const clean = await glueful(['security', 'check', '--production'], variables)
  expect([clean.code, clean.stdout]).toEqual([0, expect.stringContaining('0 critical, 0 high')])
  const failing = await glueful(['security:check', '--production', '--json'], { ...variables, BODY_LIMIT: 'lots' })
  expect(failing.code).toBe(1)
  expect(JSON.parse(failing.stdout)).toMatchObject({ open: { critical: 1 }, findings: [{ id: 'REFUSES_TO_START' }] })
  const report = await glueful(['security', 'check', '--production', '--sarif', '--output=security.sarif'], variables)
  expect([report.code, report.stdout]).toEqual([0, ''])
  expect(JSON.parse(readFileSync(join(folder, 'security.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' })
  const nowhere = await glueful(['security', 'check', '--output=missing/report.txt'], variables)
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('Output cannot be written')])
})
