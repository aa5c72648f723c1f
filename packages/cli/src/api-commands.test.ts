import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cache, createApp, Redis } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../bin/glueful.js', import.meta.url))
const name = `cli-cache-${randomUUID()}`
const redisUrl = 'redis://127.0.0.1:6379'
let folder = ''

const source = (price: string) => `import { createApp, route } from 'glueful'
import { z } from 'zod'
const response = z.object({ id: z.string(), price: ${price} })
export default createApp({
  name: '${name}',
  versions: { supported: ['1', '2'] },
  routes: { cars: { show: route.get('/cars/:id', { response }, () => ({ id: '1', price: 1 }) as never), create: route.post('/cars', { version: '2' }, () => 1) } },
})`

beforeAll(() => {
  folder = mkdtempSync(join(fileURLToPath(new URL('../../../apps/marketplace/', import.meta.url)), '.cli-test-'))
  writeFileSync(join(folder, 'app.ts'), source('z.int()'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function glueful(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

test('api diff names what breaks and exits with 1; nothing breaks by itself', { timeout: 60_000 }, async () => {
  await glueful(['openapi', '--output=old.json'])
  expect(await glueful(['api', 'diff', 'old.json'])).toMatchObject({ code: 0, stdout: 'Nothing breaks.\n' })
  writeFileSync(join(folder, 'app2.ts'), source('z.string()'))
  const broken = await glueful(['api:diff', 'old.json', '--app=app2.ts'])
  expect([broken.code, broken.stdout]).toEqual([1, 'GET /cars/{id} 200.price: was integer, is string\n\n1 breaking change\n'])
  await glueful(['openapi', '--output=new.json', '--app=app2.ts'])
  const json = await glueful(['api', 'diff', 'old.json', 'new.json', '--json'])
  expect([json.code, JSON.parse(json.stdout)]).toEqual([1, [{ where: 'GET /cars/{id} 200.price', message: 'was integer, is string' }]])
  const unreadable = await glueful(['api', 'diff', 'app.ts', 'new.json'])
  expect([unreadable.code, unreadable.stderr]).toEqual([1, expect.stringContaining('Unreadable document')])
  expect((await glueful(['api', 'diff'])).code).toBe(2)
})

test('api version deprecate writes the file that the application reads, and list shows it', { timeout: 60_000 }, async () => {
  const dry = await glueful(['api', 'version', 'deprecate', '1', '--since=2026-11-26', '--dry-run'])
  expect(JSON.parse(dry.stdout)).toEqual({ versions: { '1': { deprecated: { since: '2026-11-26' } } } })
  const args = ['--since=2026-11-26', '--sunset=2027-05-31', '--link=https://example.com/v1', '--successor=/v2']
  expect((await glueful(['api', 'version', 'deprecate', '1', ...args])).code).toBe(0)
  const deprecated = { since: '2026-11-26', sunset: '2027-05-31', link: 'https://example.com/v1', successor: '/v2' }
  expect(JSON.parse(readFileSync(join(folder, 'api-versions.json'), 'utf8'))).toEqual({ versions: { '1': { deprecated } } })
  const { stdout } = await glueful(['api:version:list'])
  expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['VERSION', 'OPERATIONS', 'DEPRECATED', 'SUNSET', 'SUCCESSOR'],
    ['1 (default)', '1', '2026-11-26', '2027-05-31', '/v2'],
    ['2', '2', '-', '-', '-'],
    [''],
  ])
  expect((await glueful(['api', 'version', 'deprecate', '9'])).code).toBe(2)
  await glueful(['api', 'version', 'deprecate', '1', '--undo'])
  const listed = JSON.parse((await glueful(['api', 'version', 'list', '--json'])).stdout) as { deprecated?: string }[]
  expect(listed.map((one) => one.deprecated)).toEqual([undefined, undefined])
})

test('a cache in the memory of a process is out of reach: CACHE_NOT_SHARED', { timeout: 30_000 }, async () => {
  for (const command of ['inspect', 'clear']) {
    const { code, stderr } = await glueful(['cache', command])
    expect([code, stderr]).toEqual([1, expect.stringContaining('The cache is not shared')])
  }
})

const hasRedis =
  process.env['CI'] === 'true' ||
  (await new Promise<boolean>((resolve) => {
    const socket = connect(6379, '127.0.0.1', () => (socket.destroy(), resolve(true)))
    socket.on('error', () => resolve(false))
  }))
const why = hasRedis ? '' : ' (skipped: no Redis at 127.0.0.1:6379)'

test.skipIf(!hasRedis)(`cache inspect shows, and cache clear clears, what processes share${why}`, { timeout: 60_000 }, async () => {
  const app = createApp({ name, routes: {} }).with({ environment: 'test', env: { REDIS_URL: redisUrl }, logDestination: createMemoryDestination() })
  await app.ready()
  const cache = app.use(Cache)
  const fill = async () => {
    await cache.set('one', 1, { ttl: '1h', tags: ['a'] })
    await cache.set('two', 2, { ttl: '1h', tags: ['b'] })
    await cache.named('prices').set('three', 3, { ttl: '1h', tags: ['a'] })
  }
  const found = async () => [await cache.get('one'), await cache.get('two'), await cache.named('prices').get('three')]
  const env = { REDIS_URL: redisUrl }
  await fill()
  const shown = JSON.parse((await glueful(['cache', 'inspect', '--json'], env)).stdout) as { entries: number; keys: { key: string; tags: string[] }[] }
  expect([shown.entries, shown.keys.map(({ key, tags }) => `${key} ${tags.join()}`).sort()]).toEqual([2, ['one a', 'two b']])
  expect((await glueful(['cache', 'inspect', '--name=prices'], env)).stdout).toMatch(/three +1 +\d+ s +a\n\n1 entries in redis/)
  await glueful(['cache', 'clear', '--tag=a'], env)
  expect(await found()).toEqual([undefined, 2, undefined])
  await fill()
  await glueful(['cache:clear', '--name=prices'], env)
  expect(await found()).toEqual([1, 2, undefined])
  await fill()
  await glueful(['cache', 'clear'], env)
  expect(await found()).toEqual([undefined, undefined, undefined])
  const { client, prefix } = app.use(Redis)
  await client.unlink(...(await client.keys(`${prefix}*`)), 'none')
  await app.close()
})
