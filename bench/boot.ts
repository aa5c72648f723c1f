import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from '../tools/build.ts'
import { median } from './median.ts'
import type { BenchOptions } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const report = `process.stdout.write(JSON.stringify({ ms: performance.now(), rss: process.memoryUsage().rss })); process.exit(0)`

const programs: Readonly<Record<string, string>> = {
  'raw node:http, hello world': `import { createServer } from 'node:http'
const server = createServer((req, res) => res.end('{"hello":"world"}'))
server.listen(0, '127.0.0.1', () => { ${report} })`,
  'glueful, hello world': `import { createApp, route } from 'glueful'
const app = createApp({ name: 'bench', routes: { hello: route.get('/hello', () => ({ hello: 'world' })) } })
await app.listen({ port: 0, host: '127.0.0.1' })
${report}`,
  'glueful, 300 routes': `import { createApp, route } from 'glueful'
import { z } from 'zod'
const routes = Object.fromEntries(Array.from({ length: 300 }, (_, i) => ['r' + i, route.post('/area-' + (i % 20) + '/thing-' + i + '/:id', { params: z.object({ id: z.uuid() }), body: z.object({ name: z.string(), price: z.number() }), response: z.object({ ok: z.boolean() }) }, () => ({ ok: true }))]))
const app = createApp({ name: 'bench', routes })
await app.listen({ port: 0, host: '127.0.0.1' })
${report}`,
}

/** Time from the start of the process until it listens, and resident memory then; from built packages. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  await build()
  const folder = mkdtempSync(join(root, 'apps/marketplace/.boot-'))
  const rows = Object.entries(programs).map(([name, source], index) => {
    const file = join(folder, `${index}.mjs`)
    writeFileSync(file, source)
    const samples = Array.from(
      { length: quick ? 5 : 15 },
      () =>
        JSON.parse(
          execFileSync(process.execPath, [file], {
            encoding: 'utf8',
            env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'error', NODE_COMPILE_CACHE: join(folder, 'cache') },
          }),
        ) as { ms: number; rss: number },
    )
    return {
      program: name,
      milliseconds: Math.round(median(samples.map(({ ms }) => ms))),
      megabytes: Math.round(median(samples.map(({ rss }) => rss)) / 1e5) / 10,
    }
  })
  rmSync(folder, { recursive: true })
  process.stdout.write('| program | ready after ms | resident MB |\n|---|---:|---:|\n')
  process.stdout.write(rows.map((row) => `| ${row.program} | ${row.milliseconds} | ${row.megabytes} |\n`).join(''))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}
