import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../bin/glueful.js', import.meta.url))
const marketplace = fileURLToPath(new URL('../../../apps/marketplace/', import.meta.url))
let child: ChildProcess | undefined
let folder: string | undefined

afterEach(() => {
  child?.kill('SIGKILL')
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('dev serves what was edited on the same port, waits while it is broken, and ends with the terminal', { timeout: 60_000 }, async () => {
  const place = (folder = mkdtempSync(join(marketplace, '.dev-test-')))
  const write = (answer: string) =>
    writeFileSync(
      join(place, 'app.ts'),
      `import { createApp, route } from 'glueful'\nexport default createApp({ name: 'dev', routes: { hello: route.get('/hello', () => ({ hello: ${answer} })) } })\n`,
    )
  write("'first'")
  const port = await freePort()
  const started = spawn(process.execPath, [bin, 'dev', `--port=${port}`, '--host=127.0.0.1'], {
    cwd: place,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = started
  const ended = new Promise<number | null>((resolve) => started.once('exit', resolve))
  let output = ''
  started.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  started.stderr.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const hello = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/hello`).catch(() => undefined)
    return response === undefined ? undefined : ((await response.json()) as { hello: string }).hello
  }
  const patient = { timeout: 20_000, interval: 100 }

  await expect.poll(hello, patient).toBe('first')
  await expect.poll(() => output, patient).toMatch(/GET \/hello 200 [\d.]+ ms/)
  write("'second'")
  await expect.poll(hello, patient).toBe('second')
  write("'third")
  await expect.poll(() => output, patient).toContain('waiting for a change')
  write("'fourth'")
  await expect.poll(hello, patient).toBe('fourth')
  started.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(await hello()).toBeUndefined()
})
