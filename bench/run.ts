import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const peers = fileURLToPath(new URL('./peers/', import.meta.url))
const suites: Readonly<Record<string, () => Promise<{ run: (options: BenchOptions) => Promise<void> }>>> = {
  http: () => import('./http.ts'),
  router: () => import('./router.ts'),
  boot: () => import('./boot.ts'),
  types: () => import('./type-check.ts'),
  data: () => import('./data.ts'),
  queue: () => import('./queue.ts'),
  'queue-metrics': () => import('./queue-metrics.ts'),
}

export interface BenchOptions {
  readonly quick: boolean
  readonly json: string | undefined
}

const [suite = '', ...rest] = process.argv.slice(2)
const load = suites[suite]
if (load === undefined) {
  process.stderr.write(`Usage: npm run bench -- ${Object.keys(suites).join('|')} [--quick] [--json FILE]\n`)
  process.exit(2)
}
if (!['data', 'queue', 'queue-metrics'].includes(suite) && !existsSync(`${peers}node_modules`)) {
  process.stderr.write('Installing the peers …\n')
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: peers, stdio: 'inherit' })
}
const at = rest.indexOf('--json')
await (await load()).run({ quick: rest.includes('--quick'), json: at === -1 ? undefined : rest[at + 1] })
