import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'packages/cli/bin/glueful.js')
const page = readFileSync(join(root, 'docs/getting-started.md'), 'utf8')
const env = { PATH: process.env['PATH'] ?? '' }
const run = promisify(execFile)
let folder = ''
let served: ChildProcess | undefined
let output = ''
let address = ''

/** The files of the page, as they stand at its end. */
const files = new Map([...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => [name as string, text as string]))
/** The bodies and paths that the page asks for by curl. */
const asked = [...page.matchAll(/^curl .*?(http:\/\/127\.0\.0\.1:3000)?(\/cars[^\s']*).*?(?:-d '(.*?)')?(?: {2,}#.*)?$/gm)].map(([, , path, body]) => ({
  path,
  body,
}))

beforeAll(async () => {
  folder = mkdtempSync(join(root, 'apps/marketplace/.getting-started-'))
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  await run(process.execPath, [bin, 'migrate', 'diff', 'create_cars'], { cwd: folder, env })
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  address = `http://127.0.0.1:${port}`
  served = spawn(process.execPath, [bin, 'serve', `--port=${port}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [served.stdout, served.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  await vi.waitFor(() => expect(output).toContain('shop is ready'), { timeout: 20_000, interval: 50 })
}, 60_000)

afterAll(async () => {
  if (served !== undefined) {
    served.kill('SIGTERM')
    await once(served, 'exit')
  }
  rmSync(folder, { recursive: true })
})

test('the page has the files and requests that it is followed with', () => {
  expect([...files.keys()]).toEqual(['app.ts', 'models/car.ts', 'models/index.ts', 'jobs/index.ts', 'routes/cars.ts', 'cars.test.ts'])
  expect(readdirSync(join(folder, 'migrations'))).toEqual([expect.stringMatching(/^\d{14}_create_cars\.ts$/)])
  expect(asked.map(({ path }) => path)).toEqual(['/cars', '/cars?perPage=10', '/cars'])
})

test('its requests answer what it says, and its job runs', async () => {
  const [offer, list, wrong] = asked
  const post = (body: string | undefined) => fetch(`${address}/cars`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: body ?? '' })
  const offered = await post(offer?.body)
  expect(offered.status).toBe(201)
  const { id } = (await offered.json()) as { id: string }
  expect(await (await fetch(`${address}${list?.path}`)).json()).toMatchObject({ data: [{ id, make: 'Volvo', price: 9_900 }], meta: { perPage: 10, total: 1 } })
  expect((await fetch(`${address}/cars/${id}`)).status).toBe(200)
  const refused = await post(wrong?.body)
  expect([refused.status, ((await refused.json()) as { errors: { path: string[] }[] }).errors.map(({ path }) => path.join('.'))]).toEqual([
    422,
    ['body.price', 'body.cost'],
  ])
  await expect.poll(() => output, { timeout: 10_000 }).toContain('A Volvo is for sale')
})
