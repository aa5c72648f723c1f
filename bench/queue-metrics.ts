import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '@glueful/database/testing'
import { median } from './median.ts'
import { startRedis } from './start-redis.ts'
import type { Took, Turn } from './queue-peers/run-turns.ts'
import type { BenchOptions } from './run.ts'

const program = fileURLToPath(new URL('./queue-peers/run-turns.ts', import.meta.url))
const engines = (process.env['BENCH_SUBJECTS']?.split(',') ?? ['sqlite', 'postgres', 'redis']) as readonly Engine[]
/** As long as the time between two writes of the recorder, and a little more, so that each turn has its share of them. */
const turnSeconds = 6
const warmUp = 20_000

type Engine = 'sqlite' | 'postgres' | 'redis'

interface Row {
  readonly engine: Engine
  readonly jobs: number
  readonly perSecond: number
  /** With metrics, relative to without; medians over the pairs. */
  readonly speedRatio: number
  readonly cpuMicros: number
  readonly cpuRatio: number
}

/** What the metrics of jobs cost: the same jobs with and without, in turns beside each other, by processes that stay. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  const rows: Row[] = []
  for (const engine of engines) rows.push(await compare(engine, quick ? 3 : 7))
  const lines = rows.map((row) =>
    [row.engine, row.jobs, Math.round(row.perSecond), row.speedRatio.toFixed(3), row.cpuMicros.toFixed(1), row.cpuRatio.toFixed(3)].join(' | '),
  )
  process.stdout.write(
    [
      '| engine | jobs a turn | jobs/s without | speed with : without | CPU µs a job without | CPU with : without |',
      '|---|---:|---:|---:|---:|---:|',
      ...lines.map((line) => `| ${line} |`),
      '',
    ].join('\n'),
  )
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

async function compare(engine: Engine, rounds: number): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-bench-queue-metrics-'))
  const redis = engine === 'redis' ? await startRedis(folder) : undefined
  const databases = engine === 'postgres' ? [await testDatabase('postgres'), await testDatabase('postgres')] : []
  const children: ChildProcess[] = []
  try {
    for (const [index, metrics] of ['false', 'true'].entries()) {
      const servers = { postgres: databases[index]?.url ?? '', redis: `${redis?.url}/${index}`, sqlite: join(folder, `${index}.sqlite`) }
      const env = { ...process.env, BENCH_SERVERS: JSON.stringify(servers), BENCH_METRICS: metrics }
      const child = fork(program, [engine], { env, execArgv: ['--conditions=glueful-source'] })
      children.push(child)
      await answer(child)
    }
    const [without, withMetrics] = children as [ChildProcess, ChildProcess]
    let jobs = warmUp
    for (const child of [without, withMetrics, without, withMetrics]) {
      await take(child, { kind: 'enqueue', count: warmUp })
      jobs = Math.ceil((await take(child, { kind: 'drain', count: warmUp })).perSecond * turnSeconds)
    }
    const pairs: (readonly [Took, Took])[] = []
    for (let round = 0; round < rounds; round++) {
      process.stderr.write(`\r${engine}: round ${round + 1}/${rounds}, ${jobs} jobs a turn     `)
      const took = new Map<ChildProcess, Took>()
      for (const child of round % 2 === 0 ? [without, withMetrics] : [withMetrics, without]) {
        await take(child, { kind: 'enqueue', count: jobs })
        took.set(child, await take(child, { kind: 'drain', count: jobs }))
      }
      pairs.push([took.get(without) as Took, took.get(withMetrics) as Took])
    }
    process.stderr.write('\r\n')
    return {
      engine,
      jobs,
      perSecond: median(pairs.map(([off]) => off.perSecond)),
      speedRatio: median(pairs.map(([off, on]) => on.perSecond / off.perSecond)),
      cpuMicros: median(pairs.map(([off]) => off.cpuMicros)),
      cpuRatio: median(pairs.map(([off, on]) => on.cpuMicros / off.cpuMicros)),
    }
  } finally {
    for (const child of children) await end(child)
    redis?.process.kill('SIGKILL')
    for (const database of databases) await database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function take(child: ChildProcess, turn: Turn): Promise<Took> {
  const answered = answer(child)
  child.send(turn)
  return (await answered) as Took
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new RangeError(`A process of the benchmark ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (what) => {
      child.off('exit', ended)
      resolve(what)
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.send({ kind: 'close' } satisfies Turn)
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
