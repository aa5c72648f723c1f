import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'packages/cli/bin/glueful.js')
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(root, 'apps/marketplace/.make-test-'))
  writeFileSync(
    join(folder, 'app.ts'),
    `import { createApp } from 'glueful'
import { database } from '@glueful/database'
import * as models from './models/index.ts'
export default createApp({ name: 'fixture', routes: {}, extensions: [database({ models, migrations: './migrations', seeders: './seeders' })] })`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function run(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file, ...args],
      { cwd: folder, env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}
const glueful = (...args: string[]) => run(bin, args, { DATABASE_URL: `sqlite:${join(folder, 'test.sqlite')}` })
const read = (file: string) => readFileSync(join(folder, file), 'utf8')

test('what is generated type-checks and works together, from the model to the seeded table', { timeout: 120_000 }, async () => {
  writeFileSync(
    join(folder, 'bootstrap.ts'),
    `import { createApp } from 'glueful'\nimport { database } from '@glueful/database'\nexport default createApp({ name: 'fixture', routes: {}, extensions: [database({ migrations: './migrations', seeders: './seeders' })] })`,
  )
  const made = await glueful('make', 'model', 'CarPhoto', '--migration', '--seeder', '--app=bootstrap.ts')
  expect(made.stderr).toBe('')
  expect(made.stdout.split('\n').map((line) => line.replace(/\d{14}/, 'TIME'))).toEqual([
    'written  models/car-photo.ts',
    'added    models/index.ts',
    'written  migrations/TIME_create_car_photos.ts',
    'written  factories/car-photo-factory.ts',
    'written  seeders/car-photos.ts',
    '',
  ])
  expect(await glueful('migrate')).toMatchObject({ code: 0, stderr: '' })
  expect((await glueful('db', 'seed')).stdout).toMatch(/seeded +car_photos/)
  expect((await glueful('migrate', 'diff')).stdout).toBe('The database is as the models say.\n')

  // A model of every type of column: its factory and its migration are made of it.
  writeFileSync(
    join(folder, 'models/everything.ts'),
    `import { bigint, binary, boolean, date, decimal, encrypted, enumeration, float, integer, json, Model, string, text, timestamp, uuid } from '@glueful/database'
export class Everything extends Model('everything', {
  id: uuid().primary(), email: string(), code: string(8), body: text(), count: integer(), big: bigint(), safe: bigint({ as: 'number' }), price: decimal(6, 2), ratio: float(),
  sold: boolean(), day: date(), at: timestamp(), specs: json(), state: enumeration(['new', "it's"]).default('new'), mood: enumeration(['good', 'bad']), data: binary(), secret: encrypted().nullable(), version: integer().version(),
  photo: uuid().nullable().references('car_photos', 'id', { onDelete: 'cascade' }),
}) {}\n`,
  )
  writeFileSync(join(folder, 'models/index.ts'), `${read('models/index.ts')}export * from './everything.ts'\n`)
  expect(await glueful('make', 'factory', 'EverythingFactory')).toMatchObject({ code: 0, stdout: 'written  factories/everything-factory.ts\n' })
  expect(await glueful('make', 'seeder', 'Everything')).toMatchObject({ code: 0 })
  expect(await glueful('make', 'resource', 'EverythingResource')).toMatchObject({ code: 0, stdout: 'written  resources/everything-resource.ts\n' })
  expect(read('resources/everything-resource.ts')).toMatch(/fields: \['id', 'email', .*'photo'\]/)
  expect(read('resources/everything-resource.ts')).not.toContain('secret')
  expect(await glueful('make', 'filter', 'Everything')).toMatchObject({ code: 0, stdout: 'written  filters/everything-filter.ts\n' })
  expect(read('filters/everything-filter.ts')).toContain("filter: {\n    id: true,\n    photo: true,\n  },\n  sort: ['id', 'photo'],")
  expect((await glueful('migrate', 'diff', 'AddEverything')).stdout).toMatch(/written {2}migrations\/\d{14}_add_everything\.ts/)
  expect((await glueful('make', 'migration', 'add_trim_to_car_photos')).code).toBe(0)
  expect((await glueful('migrate', 'make', 'anything else'.replace(' ', '_'))).stdout).toMatch(/_anything_else\.sql/)
  const empty = readdirSync(join(folder, 'migrations')).find((file) => file.endsWith('.sql')) as string
  expect((await glueful('migrate')).stderr).toContain("nothing below '-- up'")
  rmSync(join(folder, 'migrations', empty))
  expect(await glueful('migrate')).toMatchObject({ code: 0, stderr: '' })
  expect((await glueful('db', 'seed')).stdout).toMatch(/seeded +everythings/)

  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['**/*.ts'], exclude: [] }))
  const checked = await new Promise<string>((resolve) => {
    execFile(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: root }, (_error, stdout) => resolve(stdout))
  })
  expect(checked).toBe('')
})

test('nothing is written over, and nothing outside: COMMAND_FILE_EXISTS', { timeout: 60_000 }, async () => {
  const before = read('models/car-photo.ts')
  const again = await glueful('make', 'model', 'car_photo')
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('models/car-photo.ts exists')])
  expect(read('models/car-photo.ts')).toBe(before)
  expect((await glueful('make', 'model', 'car_photo', '--force')).code).toBe(0)
  expect(read('models/index.ts').match(/car-photo/g)).toHaveLength(1)
  const preview = await glueful('make', 'model', 'Bike', '--dry-run')
  expect(preview.stdout).toContain("class Bike extends Model('bikes'")
  expect(existsSync(join(folder, 'models/bike.ts'))).toBe(false)
  for (const name of ['../Evil', '/etc/evil', 'a/b', '1', '']) {
    for (const kind of ['model', 'migration', 'factory', 'seeder', 'resource', 'filter']) {
      if (kind !== 'model' && name !== '../Evil') continue
      expect(await glueful('make', kind, name)).toMatchObject({ code: 2, stderr: expect.stringContaining('a name of letters and digits') as string })
    }
  }
  expect((await glueful('make', 'factory', 'Nothing')).stderr).toContain('one of CarPhoto, Everything')
})
