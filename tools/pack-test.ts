import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, published } from './build.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name: string) => join(root, 'node_modules/.bin', name)

/** A copy of a built package as npm gets it: without the condition that leads to sources, with the licence. */
function stage(folder: string, into: string): string {
  const target = join(into, folder.replaceAll('/', '-'))
  cpSync(join(root, folder), target, { recursive: true, filter: (path) => !path.includes('node_modules') && !path.startsWith(join(root, folder, 'src')) })
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as Record<string, unknown> & { exports: Record<string, unknown> }
  for (const entry of Object.values(manifest.exports)) if (typeof entry === 'object') delete (entry as Record<string, unknown>)['glueful-source']
  delete manifest['devDependencies']
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'))
  return target
}

function pack(folder: string, destination: string): string {
  mkdirSync(destination, { recursive: true })
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n')
    .at(-1) as string
  return join(destination, name)
}

const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

// A ten-line application that uses something of each package.
const app = `import { randomBytes } from 'node:crypto'
import { auth } from '@glueful/auth'
import { database, sql, Database } from '@glueful/database'
import { job, queue } from '@glueful/queue'
import { main } from '@glueful/cli'
import { webhooks } from '@glueful/webhooks'
import { createApp, route } from 'glueful'
import { createClient } from 'glueful/client'
import { z } from 'zod'
const Greet = job('greet', { payload: z.object({ name: z.string() }) }, () => undefined)
const routes = { hello: route.get('/hello/:name', { params: z.object({ name: z.string() }), database: true, queryBudget: 5, queue: true }, ({ params }) => ({ hello: params.name })) }
const users = { findByLogin: async () => undefined, findById: async () => undefined, updatePasswordHash: async () => undefined }
const extensions = [database({ migrateOnStart: true }), auth({ users }), queue({ jobs: { Greet } }), webhooks()]
const app = createApp({ name: 'packed', routes, extensions }).with({ environment: 'test', env: { DATABASE_URL: 'sqlite::memory:', APP_KEY: randomBytes(32).toString('base64'), LOG_LEVEL: 'error' } })
const client = createClient<typeof routes>('http://localhost', { fetch: (input, init) => app.fetch(new Request(input, init)) })
const answer = await client.hello({ params: { name: 'world' } })
if (!answer.ok || answer.body.hello !== 'world') throw new TypeError(JSON.stringify(answer))
const docs = await app.fetch(new Request('http://localhost/docs/scalar.js'))
if (docs.status !== 200) throw new TypeError('the documentation has no script: ' + docs.status)
await docs.body?.cancel()
const row = await app.use(Database).first<{ one: number }>(sql\`select 1 as one\`)
if (row?.one !== 1) throw new TypeError(JSON.stringify(row))
await app.close()
if ((await main(['--version'])) !== 0) throw new TypeError('the command line does not tell its version')
`

await build()
const folder = mkdtempSync(join(tmpdir(), 'glueful-pack-'))
try {
  const tarballs = published.map((name) => {
    const staged = stage(name, join(folder, 'staged'))
    const [first, second] = [pack(staged, join(folder, 'first')), pack(staged, join(folder, 'second'))]
    if (hash(first) !== hash(second)) throw new TypeError(`${name} packs differently each time`)
    execFileSync(bin('publint'), ['run', staged, '--strict'], { stdio: 'inherit' })
    return first
  })
  const user = join(folder, 'user')
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
  writeFileSync(join(user, 'app.ts'), app)
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', ...tarballs, 'typescript@7', '@types/node@26', 'zod@4'], {
    cwd: user,
    stdio: 'inherit',
  })
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2025',
    '--types',
    'node',
    '--skipLibCheck',
    'false',
    '--verbatimModuleSyntax',
    '--erasableSyntaxOnly',
  ]
  const { status, stdout } = spawnSync(join(user, 'node_modules/.bin/tsc'), [...options, 'app.ts'], { cwd: user, encoding: 'utf8' })
  if (status !== 0) throw new TypeError(`a user's application does not type-check:\n${stdout}`)
  execFileSync(process.execPath, ['app.ts'], { cwd: user, stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '', LOG_LEVEL: 'error' } })
  execFileSync(process.execPath, [join(user, 'node_modules/.bin/glueful'), '--help'], { cwd: user, stdio: 'ignore' })
  process.stdout.write(`${published.length} packages packed, installed, type-checked and run\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
