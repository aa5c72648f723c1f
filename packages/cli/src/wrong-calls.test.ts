import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../bin/glueful.js', import.meta.url))
const marketplace = fileURLToPath(new URL('../../../apps/marketplace/', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(marketplace, '.wrong-calls-'))
  write(
    'app.ts',
    `import { createApp } from 'glueful'
const command = (name: string, more = {}) => ({ name, summary: name, run: async ({ print }: { print(text: string): void }) => print(name + ' ran'), ...more })
export default createApp({ name: 'fixture', routes: {}, commands: [command('tidy'), command('tidy status'), command('tidy one', { arguments: 'NAME' })] })`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

function glueful(args: readonly string[], cwd = folder, env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd, env: { PATH: process.env['PATH'] ?? '', ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

describe('what a command does not take is refused before it does anything', () => {
  test.each([
    [['tidy', 'stauts'], "Unknown argument: glueful tidy does not take 'stauts'. Did you mean 'glueful tidy status'?"],
    [['tidy', 'one', 'a', 'b'], "Unknown argument: glueful tidy one does not take 'b'."],
    [['routes', 'extra'], "Unknown argument: glueful routes does not take 'extra'."],
    [['serve', '--port'], 'Invalid option value: --port is ""; expected a value, --port=PORT.'],
    [['serve', '--port='], 'Invalid option value: --port is ""; expected a value, --port=PORT.'],
    [['routes', '--path', '--json'], 'Invalid option value: --path is ""'],
    [['-V'], "Unknown option: glueful has no option '-V'."],
    [['--versoin'], "Unknown option: glueful has no option '--versoin'. Did you mean '--version'?"],
    [['routes', '--no-jsn'], "Unknown option: glueful routes has no option '--no-jsn'."],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await glueful(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  test('what it does take runs', async () => {
    expect((await glueful(['tidy'])).stdout).toBe('tidy ran\n')
    expect((await glueful(['tidy', 'one', 'a'])).stdout).toBe('tidy one ran\n')
    expect((await glueful(['routes', '--path', '/docs', '--json'])).stdout).toContain('"/docs"')
  })
})

test('the beginning of commands lists them', async () => {
  expect((await glueful(['env'])).stderr).toContain("There is no command 'env'. There are: env check, env sync, env diff, env encrypt, env decrypt.")
})

test('a command of an extension that is not there says which one brings it', async () => {
  expect((await glueful(['migrate'])).stderr).toContain('It comes with @glueful/database, by database() among the extensions of the application.')
  expect((await glueful(['queue', 'work'], tmpdir())).stderr).toContain('there is no application here (app.ts, src/app.ts, app.js, dist/app.js')
})

test('help of a command, in either order', async () => {
  const { stdout } = await glueful(['routes', '--help'])
  expect(stdout).toContain('Usage: glueful routes')
  expect((await glueful(['help', 'routes'])).stdout).toBe(stdout)
  expect((await glueful(['help', 'tidy', 'one'])).stdout).toContain('Usage: glueful tidy one NAME')
})

test('without an example, env check says so instead of listing every setting', async () => {
  const { code, stdout } = await glueful(['env', 'check'])
  expect([code, stdout]).toEqual([1, 'There is no .env.example; glueful env sync writes it.\n'])
})

test('env check finds a slip in .env', async () => {
  write('.env', 'PROT=8080\n')
  const { stdout } = await glueful(['env', 'check'])
  rmSync(join(folder, '.env'))
  expect(stdout).toContain('unknown-in-file: PROT is in .env and nothing reads it – is it meant to be PORT?')
})

test('settings that are not valid are one report', async () => {
  const { stderr } = await glueful(['serve'], folder, { PORT: 'x' })
  expect(stderr).toMatch(/^A setting is not valid:\n {2}PORT: found "x".*\nSet them in the environment/)
})

test('the causes of a failure are told', async () => {
  write(
    'failing.ts',
    `import { createApp, provide, service } from 'glueful'
const Search = service('search')
const start = async () => { throw new TypeError('The search is away.', { cause: new AggregateError([new RangeError('connect ECONNREFUSED ::1:9200')], '') }) }
export default createApp({ name: 'fixture', routes: {}, services: [provide(Search, () => ({}), { start })] })`,
  )
  const { code, stderr } = await glueful(['serve', '--app=failing.ts'])
  expect(code).toBe(1)
  expect(stderr).toContain("Service did not start: The service 'search' did not start: The search is away.")
  expect(stderr).toContain('\n  because: connect ECONNREFUSED ::1:9200\n')
  expect(stderr.match(/The search is away/g)).toHaveLength(1)
})

describe('an application that cannot be loaded says what to do', () => {
  const app = "import { createApp } from 'glueful'\nexport default createApp({ name: 'fixture', routes: {} })\n"

  test('APP_IMPORT_MISSING: a package', async () => {
    write('package-missing.ts', `import '@glueful/nothing'\n${app}`)
    const { code, stderr } = await glueful(['routes', '--app=package-missing.ts'])
    expect(code).toBe(1)
    expect(stderr).toContain("package-missing.ts imports '@glueful/nothing', which is not there. Run: npm install @glueful/nothing")
  })

  test('APP_IMPORT_MISSING: a file with another ending, and one that is nowhere', async () => {
    write('cars.ts', 'export const cars = {}')
    write('no-ending.ts', `import './cars'\n${app}`)
    expect((await glueful(['routes', '--app=no-ending.ts'])).stderr).toContain("no-ending.ts imports 'cars', which is not there. There is cars.ts.")
    write('js-ending.ts', `import './cars.js'\n${app}`)
    expect((await glueful(['routes', '--app=js-ending.ts'])).stderr).toContain('There is cars.ts.')
    write('nowhere.ts', `import './dealers.ts'\n${app}`)
    expect((await glueful(['routes', '--app=nowhere.ts'])).stderr).toContain("nowhere.ts imports 'dealers.ts', which is not there. Packages")
  })

  test('APP_NOT_A_MODULE: a package.json as npm init writes it', async () => {
    mkdirSync(join(folder, 'commonjs'))
    write('commonjs/package.json', '{"type":"commonjs"}')
    write('commonjs/app.ts', app)
    const { code, stderr } = await glueful(['routes'], join(folder, 'commonjs'))
    expect(code).toBe(1)
    expect(stderr).toContain('app.ts:1 uses import and export, and its package.json says "type": "commonjs". Run: npm pkg set type=module')
  })

  test('APP_SYNTAX_NOT_ERASABLE: an enum', async () => {
    write('enum.ts', `${app}enum Fuel { petrol }\nFuel.petrol\n`)
    const { code, stderr } = await glueful(['routes', '--app=enum.ts'])
    expect(code).toBe(1)
    expect(stderr).toContain('enum.ts:3: TypeScript enum is not supported in strip-only mode. Node takes types away')
  })
})
