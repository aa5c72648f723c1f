import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@glueful/database/testing'
import { median } from './median.ts'
import { startRedis } from './start-redis.ts'
import type { BenchOptions } from './run.ts'

const peers = fileURLToPath(new URL('./queue-peers/', import.meta.url))
const all = ['glueful-sqlite', 'glueful-postgres', 'glueful-redis', 'bullmq', 'pg-boss', 'graphile-worker']
const subjects = process.env['BENCH_SUBJECTS']?.split(',') ?? all

/** Rounds in which every subject takes its turn on empty servers, in a process of its own; medians over the rounds. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  if (!existsSync(`${peers}node_modules`)) {
    process.stderr.write('Installing the peers …\n')
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: peers, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  const [rounds, jobs] = quick ? [1, 5_000] : [3, 20_000]
  const samples = new Map<string, Record<string, number>[]>()
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      process.stderr.write(`\rround ${round + 1}/${rounds} ${subject}                         `)
      samples.set(subject, [...(samples.get(subject) ?? []), await measure(subject, jobs)])
    }
  }
  process.stderr.write('\r\n')
  const scenarios = Object.keys(samples.get(subjects[0] as string)?.[0] ?? {}).filter((name) => !name.includes('again'))
  const rows = scenarios.flatMap((scenario) =>
    subjects.map((subject) => ({ scenario, subject, value: median((samples.get(subject) ?? []).map((figures) => figures[scenario] ?? Number.NaN)) })),
  )
  process.stdout.write(render(scenarios, rows))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

interface Row {
  readonly scenario: string
  readonly subject: string
  readonly value: number
}

function render(scenarios: readonly string[], rows: readonly Row[]): string {
  const of = (scenario: string, subject: string) => rows.find((row) => row.scenario === scenario && row.subject === subject)?.value ?? Number.NaN
  const base = subjects.includes('bullmq') ? 'bullmq' : (subjects[0] as string)
  const lines = [`| relative to ${base} | ${subjects.join(' | ')} |`, `|---|${subjects.map(() => '---').join('|')}|`]
  for (const scenario of scenarios) {
    const cells = subjects.map((subject) =>
      scenario.includes('ms') ? of(scenario, subject).toFixed(1) : (of(scenario, subject) / of(scenario, base)).toFixed(2),
    )
    lines.push(`| ${scenario} | ${cells.join(' | ')} |`)
  }
  return `${lines.join('\n')}\n`
}

async function measure(name: string, jobs: number): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-bench-queue-'))
  const [subject = ''] = name.split(' ')
  const needsRedis = ['bullmq', 'glueful-redis'].includes(subject)
  const redis = needsRedis ? await startRedis(folder) : undefined
  const database = ['glueful-postgres', 'pg-boss', 'graphile-worker'].includes(subject) ? await testDatabase('postgres') : undefined
  try {
    const servers = { postgres: database?.url ?? '', redis: redis?.url ?? '', sqlite: join(folder, 'bench.sqlite') }
    const env = { ...process.env, BENCH_SERVERS: JSON.stringify(servers) }
    const child = spawn(process.execPath, ['--conditions=glueful-source', join(peers, 'run-subject.ts'), subject, String(jobs)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const timer = setTimeout(() => child.kill('SIGKILL'), 180_000)
    const [code] = (await once(child, 'exit')) as [number | null]
    clearTimeout(timer)
    if (code !== 0) throw new RangeError(`${name} ended with ${code}`)
    return JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as Record<string, number>
  } finally {
    redis?.process.kill('SIGKILL')
    await database?.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
