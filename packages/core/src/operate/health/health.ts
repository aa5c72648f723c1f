import { statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import type { Clock } from '../../foundation/clock.ts'
import type { HealthCheck, HealthTools } from './health-check.ts'

export type HealthStatus = 'ok' | 'degraded' | 'down'

export interface CheckResult {
  readonly status: HealthStatus
  readonly latency_ms: number
  readonly detail?: string
}

export interface HealthAnswer {
  readonly status: 200 | 503
  readonly body: Readonly<Record<string, unknown>>
}

/** booting → ready → draining */
export type Readiness = 'booting' | 'ready' | 'draining'

export interface HealthOptions {
  readonly checks: readonly HealthCheck[]
  readonly clock: Clock
  readonly version: string
  readonly readiness: () => Readiness
  readonly use: HealthTools['use']
  /** How long results are used again, in ms. Default: 1,000. */
  readonly cacheMs?: number
}

export interface Health {
  /** The process answers; nothing else is asked. */
  live(): HealthAnswer
  /** Requests may be sent here: 503 while booting, draining, or when a critical check is down. */
  ready(): Promise<HealthAnswer>
  /** 503 until the boot is done. */
  startup(): HealthAnswer
  /** What `ready` says, as numbers for metrics: the whole, and each check by name. */
  states(): Promise<{ readonly isReady: boolean; readonly checks: Readonly<Record<string, HealthStatus>> }>
  /** Every check with its latency, and the machine. */
  detailed(): Promise<HealthAnswer>
}

export function createHealth({ checks, clock, version, readiness, use, cacheMs = 1_000 }: HealthOptions): Health {
  const bootedAt = clock.monotonic()
  let cached: { at: number; results: Promise<Record<string, CheckResult>> } | undefined

  /** Asked at most once in `cacheMs`, however many ask. */
  function results(): Promise<Record<string, CheckResult>> {
    const now = clock.monotonic()
    if (cached === undefined || now - cached.at > cacheMs) cached = { at: now, results: runAll() }
    return cached.results
  }

  async function runAll(): Promise<Record<string, CheckResult>> {
    const entries = await Promise.all(checks.map(async (check) => [check.name, await run(check)] as const))
    return Object.fromEntries(entries)
  }

  async function run({ check, timeout = 2_000, critical = true }: HealthCheck): Promise<CheckResult> {
    const started = clock.monotonic()
    const aborter = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const reason = new DOMException(`no answer within ${timeout} ms`, 'TimeoutError')
        aborter.abort(reason)
        reject(reason)
      }, timeout)
    })
    const took = () => Math.round((clock.monotonic() - started) * 10) / 10
    try {
      const report = await Promise.race([Promise.resolve().then(() => check(aborter.signal, { use })), late])
      return { status: report?.status ?? 'ok', latency_ms: took(), ...(report?.detail === undefined ? {} : { detail: report.detail }) }
    } catch (error) {
      return { status: critical ? 'down' : 'degraded', latency_ms: took(), detail: error instanceof Error ? error.message : String(error) }
    } finally {
      clearTimeout(timer)
    }
  }

  function overall(found: Record<string, CheckResult>): HealthStatus {
    const statuses = Object.values(found).map((result) => result.status)
    return statuses.includes('down') ? 'down' : statuses.includes('degraded') ? 'degraded' : 'ok'
  }

  return {
    live: () => ({ status: 200, body: { status: 'ok' } }),
    startup: () => (readiness() === 'booting' ? { status: 503, body: { status: 'booting' } } : { status: 200, body: { status: 'ok' } }),
    ready: async () => {
      if (readiness() !== 'ready') return { status: 503, body: { status: readiness() } }
      const found = await results()
      const status = overall(found)
      const shown = Object.fromEntries(Object.entries(found).map(([name, result]) => [name, { status: result.status, latency_ms: result.latency_ms }]))
      return { status: status === 'down' ? 503 : 200, body: { status, checks: shown } }
    },
    states: async () => {
      const found = await results()
      return {
        isReady: readiness() === 'ready' && overall(found) !== 'down',
        checks: Object.fromEntries(Object.entries(found).map(([name, { status }]) => [name, status])),
      }
    },
    detailed: async () => {
      const found = await results()
      const status = readiness() === 'ready' ? overall(found) : 'down'
      const checksAndMachine = { ...found, memory: { used_percent: Math.round((1 - freemem() / totalmem()) * 1_000) / 10 }, disk: await disk() }
      const uptime = Math.floor((clock.monotonic() - bootedAt) / 1_000)
      return { status: status === 'down' ? 503 : 200, body: { status, checks: checksAndMachine, version, uptime_seconds: uptime } }
    },
  }
}

async function disk(): Promise<Record<string, number>> {
  const stats = await statfs(process.cwd())
  return { free_gb: Math.round((stats.bavail * stats.bsize) / 1e8) / 10 }
}
