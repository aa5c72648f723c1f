import { scenarios } from './scenarios.ts'

/** Puts a bounded load of one scenario on a marketplace that runs on this machine: node load/run.ts search|orders [SECONDS] [USERS] [URL] */
const [name = '', seconds = '10', users = '16', base = 'http://127.0.0.1:3000'] = process.argv.slice(2)
const scenario = scenarios[name]
if (scenario === undefined || !/^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(base)) {
  process.stderr.write(`Usage: node load/run.ts ${Object.keys(scenarios).join('|')} [SECONDS] [USERS] [URL of this machine]\n`)
  process.exit(2)
}

const callOf = await scenario.prepare(base)
const until = performance.now() + Math.min(Number(seconds), 120) * 1_000
const times: number[] = []
const statuses = new Map<number, number>()
let turn = 0
let failures = 0

async function user(): Promise<void> {
  while (performance.now() < until) {
    const { path, init, expected } = callOf(turn++)
    const started = performance.now()
    const response = await fetch(base + path, init)
    await response.arrayBuffer()
    times.push(performance.now() - started)
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    if (!expected.includes(response.status)) failures++
  }
}

const started = performance.now()
await Promise.all(Array.from({ length: Math.min(Number(users), 256) }, user))
times.sort((a, b) => a - b)
const at = (share: number) => Math.round((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0) * 10) / 10
const perSecond = Math.round((times.length / (performance.now() - started)) * 1_000)
process.stdout.write(
  `${JSON.stringify({ scenario: name, requests: times.length, perSecond, p50: at(0.5), p95: at(0.95), p99: at(0.99), statuses: Object.fromEntries(statuses), failures })}\n`,
)
process.exit(failures === 0 ? 0 : 1)
