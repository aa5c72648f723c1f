import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const marketplace = join(root, 'apps/marketplace')
const bin = join(root, 'packages/cli/bin/glueful.js')

test('every command of docs/auth.md does on the marketplace what it says', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-docs-'))
  const env = {
    PATH: process.env['PATH'] ?? '',
    NODE_OPTIONS: '--conditions=glueful-source',
    APP_ENV: 'test',
    LOG_FORMAT: 'json',
    DATABASE_URL: `sqlite:${join(folder, 'market.sqlite')}`,
    PORT: '0',
  }
  const server = spawn(process.execPath, [bin, 'serve'], { cwd: marketplace, env, stdio: ['ignore', 'ignore', 'pipe'] })
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let said = ''
      server.stderr.on('data', (chunk: Buffer) => {
        const found = /http:\/\/[\d.]+:(\d+)/.exec((said += String(chunk)))?.[1]
        if (found !== undefined) resolve(found)
      })
      server.once('exit', () => reject(new Error(`The marketplace did not start: ${said}`)))
    })
    const blocks = [...readFileSync(join(root, 'docs/auth.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)]
      .map(([, text]) => text as string)
      // The marketplace has what a new application installs.
      .filter((text) => !text.startsWith('npm install'))
    expect(blocks).toHaveLength(3)
    // Every answer of 400 or more, and every exit code but 0, ends it.
    const script = [
      'set -euo pipefail',
      'curl() { command curl --max-time 10 --fail-with-body "$@"; echo; }',
      `glueful() { (cd '${marketplace}' && '${process.execPath}' '${bin}' "$@"); }`,
      ...blocks.map((block) => block.replaceAll('localhost:3000', `localhost:${port}`)),
    ].join('\n')
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
      execFile('bash', ['-c', script], { cwd: folder, env, timeout: 50_000 }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
      })
    })
    expect(output).toContain('"strategy":"apiKey"')
    expect(output).toMatch(/Key \S+ verifies nothing any more/)
    expect(output).toMatch(/Key \S+ is refused from now on/)
    expect([code, output]).toEqual([0, output])
  } finally {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit')
      server.kill()
      await ended
    }
    rmSync(folder, { recursive: true })
  }
})
