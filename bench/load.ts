import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'

export interface LoadRequest {
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Measured {
  readonly rps: number
  /** Ms. */
  readonly p99: number
  readonly requests: number
}

const connections = 64
const hasWrk = spawnSync('wrk', ['-v']).error === undefined

/** Puts 64 keep-alive connections on a loopback port for some seconds: by wrk where it is installed, else autocannon. */
export function load(port: number, request: LoadRequest, seconds: number, folder: string): Promise<Measured> {
  return hasWrk ? withWrk(port, request, seconds, folder) : withAutocannon(port, request, seconds)
}

async function withWrk(port: number, { path, method, headers, body }: LoadRequest, seconds: number, folder: string): Promise<Measured> {
  const script = join(folder, 'request.lua')
  const lines = [
    `wrk.method = ${JSON.stringify(method)}`,
    ...Object.entries(headers).map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`),
  ]
  if (body !== undefined) lines.push(`wrk.body = ${JSON.stringify(body)}`)
  lines.push(
    'done = function(summary, latency) io.write(string.format("RESULT %d %d %f %d\\n", summary.requests, summary.duration, latency:percentile(99), summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout)) end',
  )
  writeFileSync(script, lines.join('\n'))
  const output = await capture('taskset', [
    '-c',
    '1',
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${Math.ceil(seconds)}s`,
    '-s',
    script,
    `http://127.0.0.1:${port}${path}`,
  ])
  const found = /RESULT (\d+) (\d+) ([\d.]+) (\d+)/.exec(output)
  if (found === null) throw new TypeError(`wrk said: ${output}`)
  const [requests, micros, p99, errors] = found.slice(1).map(Number) as [number, number, number, number]
  if (errors > 0) throw new TypeError(`${errors} requests failed`)
  return { requests, rps: requests / (micros / 1e6), p99: p99 / 1000 }
}

async function withAutocannon(port: number, request: LoadRequest, seconds: number): Promise<Measured> {
  const { default: autocannon } = (await import(new URL('./peers/node_modules/autocannon/autocannon.js', import.meta.url).href)) as {
    default: (options: object) => Promise<{ requests: { total: number; average: number }; latency: { p99: number }; non2xx: number; errors: number }>
  }
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${request.path}`,
    connections,
    duration: seconds,
    method: request.method,
    headers: request.headers,
    ...(request.body === undefined ? {} : { body: request.body }),
  })
  if (result.non2xx + result.errors > 0) throw new TypeError(`${result.non2xx + result.errors} requests failed`)
  return { requests: result.requests.total, rps: result.requests.average, p99: result.latency.p99 }
}

function capture(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString()))
    child.once('error', reject)
    child.once('exit', () => resolve(output))
  })
}
