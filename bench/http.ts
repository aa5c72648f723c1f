import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.ts'
import { load, type Measured } from './load.ts'
import type { BenchOptions } from './run.ts'

const scenarios = ['static', 'parameter', 'validated', 'production'] as const
const subjects = (process.env['BENCH_SUBJECTS']?.split(',') ?? ['node', 'glueful', 'fastify', 'hono', 'h3', 'express', 'nest']) as Subject[]
type Scenario = (typeof scenarios)[number]
type Subject = 'node' | 'glueful' | 'fastify' | 'hono' | 'h3' | 'express' | 'nest'

export interface HttpRow {
  readonly scenario: Scenario
  readonly subject: Subject
  readonly rps: number
  /** Of raw node:http: in the same scenario, and for production without any feature (scenario parameter). */
  readonly ratio: number
  /** Ms. */
  readonly p99: number
  /** CPU time of the server for one request. */
  readonly cpuMicros: number
}

const body = JSON.stringify({
  make: 'Volvo',
  model: 'V60',
  year: 2021,
  price: 24_900,
  mileage: 61_000,
  fuel: 'hybrid',
  description: 'One owner, full service history, winter wheels included.',
  dealer: { name: 'Autohaus Nordlicht', city: 'Hamburg' },
})

function token(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'user-1', exp: Math.floor(Date.now() / 1000) + 36_000 })}`
  return `${head}.${createHmac('sha256', 'a-secret-of-the-benchmark-with-32-bytes!').update(head).digest('base64url')}`
}

interface Requested {
  readonly path: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string
}

const requests: Readonly<Record<Scenario, Requested>> = {
  static: { path: '/hello', method: 'GET', headers: {} },
  parameter: { path: '/users/42/posts/7', method: 'GET', headers: {} },
  validated: { path: '/cars', method: 'POST', headers: { 'content-type': 'application/json' }, body },
  production: { path: '/users/42/posts/7', method: 'GET', headers: { authorization: `Bearer ${token()}`, origin: 'https://shop.example.com' } },
}

async function startServer(subject: Subject, scenario: Scenario): Promise<{ child: ChildProcess; port: number; ownToken: string }> {
  const script = fileURLToPath(new URL(`./peers/servers/${subject}.ts`, import.meta.url))
  const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0
  const node = [process.execPath, '--conditions=glueful-source', script, scenario]
  const [command, ...args] = pinned ? ['taskset', '-c', '0', ...node] : node
  const child = spawn(command as string, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } })
  const { port, ownToken } = await new Promise<{ port: number; ownToken: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const [, found, given = ''] = /listening (\d+) (\S*)\n/.exec(chunk.toString()) ?? []
      if (found !== undefined) resolve({ port: Number(found), ownToken: given })
    })
    child.once('exit', (code) => reject(new TypeError(`${subject} ended with ${code}`)))
  })
  return { child, port, ownToken }
}

/** User and system time of a process in microseconds; proc(5), fields 14 and 15, in ticks of 10 ms. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

async function check(port: number, scenario: Scenario, { path, ...init }: Requested): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
  const expected = scenario === 'validated' ? 201 : 200
  if (response.status !== expected) throw new TypeError(`${path} answered ${response.status}: ${await response.text()}`)
  const answer = (await response.json()) as Record<string, unknown>
  if (scenario === 'static' ? answer['hello'] !== 'world' : scenario === 'validated' ? answer['make'] !== 'Volvo' : answer['postId'] !== '7')
    throw new TypeError(`wrong answer ${JSON.stringify(answer)}`)
}

async function measure(subject: Subject, scenario: Scenario, seconds: number, folder: string): Promise<Measured & { cpuMicros: number }> {
  const { child, port, ownToken } = await startServer(subject, scenario)
  const request =
    ownToken === '' ? requests[scenario] : { ...requests[scenario], headers: { ...requests[scenario].headers, authorization: `Bearer ${ownToken}` } }
  try {
    await check(port, scenario, request)
    await load(port, request, Math.max(1, seconds / 2), folder)
    const before = cpuOf(child.pid as number)
    const measured = await load(port, request, seconds, folder)
    return { ...measured, cpuMicros: (cpuOf(child.pid as number) - before) / measured.requests }
  } finally {
    child.kill('SIGKILL')
  }
}

/** Rounds in which every subject takes its turn, so that a machine that slows down slows all; medians over the rounds. */
export async function run({ quick, json }: BenchOptions): Promise<void> {
  const [rounds, seconds] = quick ? [1, 2] : [3, 3]
  const folder = mkdtempSync(join(tmpdir(), 'glueful-bench-'))
  const samples = new Map<string, (Measured & { cpuMicros: number })[]>()
  for (let round = 0; round < rounds; round++) {
    for (const scenario of scenarios) {
      for (const subject of subjects) {
        const key = `${scenario} ${subject}`
        const list = samples.get(key) ?? []
        list.push(await measure(subject, scenario, seconds, folder))
        samples.set(key, list)
        process.stderr.write(`\rround ${round + 1}/${rounds} ${key}                    `)
      }
    }
  }
  rmSync(folder, { recursive: true })
  process.stderr.write('\r\n')
  const of = (scenario: Scenario, subject: Subject, field: 'rps' | 'p99' | 'cpuMicros') =>
    median((samples.get(`${scenario} ${subject}`) ?? []).map((sample) => sample[field]))
  const rows = scenarios.flatMap((scenario) =>
    subjects.map((subject): HttpRow => {
      // Round by round, so that what slows a round slows both.
      const base = samples.get(`${scenario === 'production' ? 'parameter' : scenario} node`) ?? []
      const ratios = (samples.get(`${scenario} ${subject}`) ?? []).map((sample, index) => sample.rps / (base[index]?.rps ?? Number.NaN))
      return {
        scenario,
        subject,
        rps: Math.round(of(scenario, subject, 'rps')),
        ratio: round(median(ratios), 2),
        p99: round(of(scenario, subject, 'p99'), 2),
        cpuMicros: round(of(scenario, subject, 'cpuMicros'), 1),
      }
    }),
  )
  process.stdout.write(renderTable(rows))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ rows }, undefined, 2)}\n`)
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}

function renderTable(rows: readonly HttpRow[]): string {
  const head = '| scenario | subject | requests/s | ratio | p99 ms | CPU µs/request |\n|---|---|---:|---:|---:|---:|\n'
  return head + rows.map((row) => `| ${row.scenario} | ${row.subject} | ${row.rps} | ${row.ratio.toFixed(2)} | ${row.p99} | ${row.cpuMicros} |\n`).join('')
}
