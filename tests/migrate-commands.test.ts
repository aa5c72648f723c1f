import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@glueful/database/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../packages/cli/bin/glueful.js', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(fileURLToPath(new URL('../apps/marketplace/', import.meta.url)), '.migrate-test-'))
  mkdirSync(join(folder, 'migrations'))
  writeFileSync(
    join(folder, 'app.ts'),
    `import { createApp } from 'glueful'
import { database, seeder, sql, string, uuid } from '@glueful/database'
class Car { static table = 'cars'; static columns = { id: uuid().primary(), make: string() } }
export default createApp({ name: 'fixture', routes: {}, extensions: [database({ models: { Car }, migrations: './migrations', seeders: [seeder('cars', { run: ({ database }) => database.run(sql\`insert into cars (id, make) values ('1', 'Volvo')\`) })] })] })`,
  )
  writeFileSync(
    join(folder, 'migrations/20270101000000_cars.sql'),
    '-- up\ncreate table cars (id varchar(36) primary key, make varchar(255));\n-- down\ndrop table cars;\n',
  )
  writeFileSync(
    join(folder, 'migrations/20270102000000_price.sql'),
    '-- up\nalter table cars add column price int;\n-- down\nalter table cars drop column price;\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

function glueful(args: readonly string[], env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, ...args],
      { cwd: folder, env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

test('migrate runs, shows, undoes and begins anew', { timeout: 60_000 }, async () => {
  await using scratch = await testDatabase('sqlite')
  const env = { DATABASE_URL: scratch.url }
  const preview = await glueful(['migrate', '--dry-run'], env)
  expect(preview.stdout).toContain('-- 20270101000000_cars\ncreate table cars')
  expect((await glueful(['migrate:status'], env)).stdout).toMatch(/pending +20270101000000_cars\npending +20270102000000_price/)
  expect((await glueful(['migrate'], env)).stdout).toMatch(/migrated +20270101000000_cars +\d+ ms\nmigrated +20270102000000_price/)
  expect((await glueful(['migrate'], env)).stdout).toBe('Nothing to migrate.\n')
  expect((await glueful(['migrate', 'rollback', '--steps', '1', '--dry-run'], env)).stdout).toContain('alter table cars drop column price;')
  expect(JSON.parse((await glueful(['migrate', 'rollback', '--steps=1', '--json'], env)).stdout)).toMatchObject([
    { name: '20270102000000_price', direction: 'down' },
  ])
  const status = JSON.parse((await glueful(['migrate', 'status', '--json'], env)).stdout) as object[]
  expect(status.slice(-2)).toMatchObject([{ state: 'applied', applied: { batch: 1 } }, { state: 'pending' }])
  expect((await glueful(['migrate', 'reset'], env)).stdout).toMatch(/rolled back +20270101000000_cars/)
  expect((await glueful(['migrate', 'fresh', '--seed'], env)).stdout).toMatch(/migrated .*\nmigrated .*\nseeded +cars/)
  expect((await glueful(['db', 'seed', 'cars'], env)).stdout).toMatch(/skipped +cars/)
  expect((await glueful(['db', 'seed', 'car'], env)).stderr).toContain("Did you mean 'cars'?")
  expect((await glueful(['db:seed'], { ...env, APP_ENV: 'production' })).stderr).toContain('--force')
})

test('what is dangerous or wrong is refused, and says what to do: COMMAND_REFUSED, COMMAND_ARGUMENT_INVALID', { timeout: 60_000 }, async () => {
  await using scratch = await testDatabase('sqlite')
  const production = { DATABASE_URL: scratch.url, APP_ENV: 'production' }
  expect((await glueful(['migrate'], production)).code).toBe(0)
  for (const command of ['reset', 'fresh', 'rollback']) {
    const { code, stderr } = await glueful(['migrate', command], production)
    expect([code, stderr]).toEqual([2, expect.stringContaining('--force')])
  }
  expect((await glueful(['migrate', 'rollback', '--steps=0'], production)).stderr).toContain('a whole number from 1')
  const file = join(folder, 'migrations/20270101000000_cars.sql')
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.replace('255', '100'))
  const changed = await glueful(['migrate'], production)
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining('was changed after it was applied')])
  expect(await glueful(['migrate', 'status'], production)).toMatchObject({ code: 1, stdout: expect.stringContaining('changed') as string })
  writeFileSync(file, before)
  writeFileSync(
    join(folder, 'migrations/20270103000000_stock.sql'),
    '-- up\nalter table cars add column stock int not null;\n-- down\nalter table cars drop column stock;\n',
  )
  const unsafe = await glueful(['migrate'], production)
  expect([unsafe.code, unsafe.stderr]).toEqual([1, expect.stringContaining('Safe way: Add it nullable or with a default')])
  expect((await glueful(['migrate', '--dry-run'], production)).code).toBe(1)
})
