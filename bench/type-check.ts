import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.ts'
import { modelTypes } from './model-types.ts'
import type { BenchOptions } from './run.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** How long TypeScript needs for 1,000 routes with zod schemas and a client that calls each hundredth, and for 50 models. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(root, 'apps/marketplace/.types-'))
  const modules = Array.from({ length: 20 }, (_, file) => {
    const routes = Array.from(
      { length: 50 },
      (__, index) => `  r${index}: route.post('/m${file}/things-${index}/:id', {
    params: z.object({ id: z.uuid() }), query: z.object({ page: z.coerce.number().optional() }),
    body: z.object({ name: z.string(), price: z.number(), tags: z.array(z.string()), dealer: z.object({ city: z.string() }) }),
  }, ({ params, body, query }) => ({ id: params.id, name: body.name, page: query.page ?? 1, city: body.dealer.city })),`,
    )
    writeFileSync(join(folder, `m${file}.ts`), `import { route } from 'glueful'\nimport { z } from 'zod'\nexport const m${file} = {\n${routes.join('\n')}\n}\n`)
    return `m${file}`
  })
  const calls = modules
    .slice(0, 10)
    .map(
      (name) =>
        `const ${name}answer = await api.${name}.r7({ params: { id: 'x' }, body: { name: 'n', price: 1, tags: [], dealer: { city: 'c' } } })\nif (${name}answer.ok) ${name}answer.body.page.toFixed()`,
    )
  writeFileSync(
    join(folder, 'app.ts'),
    `import { createApp } from 'glueful'\nimport { createClient } from 'glueful/client'\n${modules.map((name) => `import { ${name} } from './${name}.ts'`).join('\n')}\nconst routes = { ${modules.join(', ')} }\nexport const app = createApp({ name: 'x', routes })\nconst api = createClient<typeof routes>('http://localhost')\n${calls.join('\n')}\n`,
  )
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }))
  const seconds = Array.from({ length: quick ? 2 : 5 }, () => {
    const started = performance.now()
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
    if (status !== 0) throw new TypeError(stdout.slice(0, 2_000))
    return (performance.now() - started) / 1000
  })
  rmSync(folder, { recursive: true })
  const rows = [{ program: '1,000 zod routes and a client', seconds: Math.round(median(seconds) * 100) / 100 }, modelTypes(quick ? 2 : 5)]
  process.stdout.write(`| program | type-checked in s |\n|---|---:|\n${rows.map((row) => `| ${row.program} | ${row.seconds} |`).join('\n')}\n`)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}
