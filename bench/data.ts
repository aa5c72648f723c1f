import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Figures } from './data-peers/run-subject.ts'
import type { Dialect } from './data-peers/subjects/workload.ts'
import { startSubject, type RunningSubject } from './data-subject.ts'
import { median } from './median.ts'
import type { BenchOptions } from './run.ts'

const peers = fileURLToPath(new URL('./data-peers/', import.meta.url))
const chosen = (variable: string, all: readonly string[]) => process.env[variable]?.split(',') ?? all
const subjects = chosen('BENCH_SUBJECTS', ['raw', 'glueful', 'kysely', 'drizzle', 'prisma', 'typeorm', 'mikro-orm', 'lucid'])
const dialects = chosen('BENCH_DIALECTS', ['sqlite', 'postgres']) as readonly Dialect[]
// Those that add rows are last, or they would make the others' tables as large as they are fast.
const scenarios = chosen('BENCH_SCENARIOS', ['find', 'list', 'eager', 'paginate', 'concurrent-finds', 'update', 'insert', 'bulk-insert'])

export interface DataRow extends Figures {
  /** Such as `sqlite/find`. */
  readonly scenario: string
  readonly subject: string
  /** Of hand-written driver code in the same turn; above 1 is faster. */
  readonly ratio: number
  /** The same for processor time, which says more where other programs run beside; above 1 is less. */
  readonly cpuRatio: number
}

/** How long subjects run, in ms. */
interface Effort {
  /** How often all processes are started anew. */
  readonly rounds: number
  /** Processor time of each subject before a scenario counts. */
  readonly warmUp: number
  readonly turns: number
  readonly turn: number
}

const efforts: Readonly<Record<'quick' | 'full', Effort>> = {
  quick: { rounds: 1, warmUp: 500, turns: 9, turn: 100 },
  full: { rounds: 3, warmUp: 1_500, turns: 9, turn: 200 },
}

/** Each subject on a database of its own and in a process of its own; medians over all turns. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  install()
  const effort = efforts[quick ? 'quick' : 'full']
  const samples = new Map<string, Figures[]>()
  for (let round = 0; round < effort.rounds; round++) {
    for (const dialect of dialects) {
      const running: RunningSubject[] = []
      try {
        for (const name of subjects) running.push(await startSubject(name, dialect))
        for (const scenario of scenarios) {
          process.stderr.write(`\rround ${round + 1}/${effort.rounds} ${dialect} ${scenario}               `)
          await measure(running, dialect, scenario, effort, samples)
        }
      } finally {
        for (const subject of running) await subject.stop()
      }
    }
  }
  process.stderr.write('\r\n')
  const measured = [...new Set([...samples.keys()].map((key) => key.split(' ')[0] as string))]
  const rows = measured.flatMap((scenario) => subjects.flatMap((subject) => rowOf(samples, scenario, subject)))
  process.stdout.write(renderTable(rows))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

/**
 * Everybody warms up for as much processor time, then all take short turns one after the other, so that what else the machine does
 * meets all of them; ratios are of neighbouring turns.
 */
async function measure(running: readonly RunningSubject[], dialect: Dialect, scenario: string, effort: Effort, samples: Map<string, Figures[]>): Promise<void> {
  for (const subject of running) await subject.warmUp(scenario, effort.warmUp)
  for (let turn = 0; turn < effort.turns; turn++) {
    for (const subject of running) {
      const key = `${dialect}/${scenario} ${subject.name}`
      samples.set(key, [...(samples.get(key) ?? []), await subject.measure(scenario, effort.turn)])
    }
  }
}

function install(): void {
  const quiet = { cwd: peers, stdio: ['ignore', 'ignore', 'inherit'] as ('ignore' | 'inherit')[] }
  if (!existsSync(`${peers}node_modules`)) {
    process.stderr.write('Installing the peers …\n')
    // Two peers ask for other versions of one driver; the installed one serves both.
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'], quiet)
  }
  if (existsSync(`${peers}generated`)) return
  // Generating needs no schema engine; naming any program keeps Prisma from downloading one.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  for (const name of ['sqlite', 'postgresql'])
    execFileSync(`${peers}node_modules/.bin/prisma`, ['generate', '--schema', `prisma/${name}.prisma`], { ...quiet, env })
}

function rowOf(samples: ReadonlyMap<string, Figures[]>, scenario: string, subject: string): DataRow[] {
  const own = samples.get(`${scenario} ${subject}`) ?? []
  if (own.length === 0) return []
  const base = samples.get(`${scenario} raw`) ?? []
  const of = (field: keyof Figures) => median(own.map((sample) => sample[field]))
  const besides = (compare: (own: Figures, raw: Figures) => number) =>
    median(own.map((sample, index) => (base[index] === undefined ? Number.NaN : compare(sample, base[index]))))
  return [
    {
      scenario,
      subject,
      rps: round(of('rps'), 1),
      ratio: round(
        besides((mine, raw) => mine.rps / raw.rps),
        2,
      ),
      cpuRatio: round(
        besides((mine, raw) => raw.cpuMicros / mine.cpuMicros),
        2,
      ),
      p99: round(of('p99'), 3),
      cpuMicros: round(of('cpuMicros'), 1),
    },
  ]
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

function renderTable(list: readonly DataRow[]): string {
  const head =
    '| scenario | subject | operations/s | ratio to raw | ratio of processor time | p99 ms | CPU µs/operation |\n|---|---|---:|---:|---:|---:|---:|\n'
  const cells = (row: DataRow) => [row.scenario, row.subject, row.rps, row.ratio.toFixed(2), row.cpuRatio.toFixed(2), row.p99, row.cpuMicros]
  return head + list.map((row) => `| ${cells(row).join(' | ')} |\n`).join('')
}
