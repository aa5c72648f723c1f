import { sql, type Database, type Sql } from '@glueful/database'
import type { Clock } from 'glueful'
import type { QueueDepth } from '../engine/engine.ts'
import {
  resolutions,
  type Baseline,
  type DepthSample,
  type HostRecord,
  type JobNumbers,
  type MetricsWindow,
  type QueueMetrics,
  type Resolution,
} from './job-metrics.ts'
import { Numbers } from './numbers.ts'

export interface NumbersRow {
  readonly resolution: Resolution
  readonly at: number
  readonly job: string
  readonly queue: string
  readonly connection: string
  /** The process that counted. */
  readonly source: string
  /** As `Numbers` encodes them. */
  readonly numbers: string
}

export interface MetricsStore extends QueueMetrics {
  /** What `work` writes is one commit, and so costs what one does. */
  together(work: () => Promise<void>): Promise<void>
  write(rows: readonly NumbersRow[]): Promise<void>
  writeDepths(depths: readonly QueueDepth[], at: number): Promise<void>
  writeHost(host: HostRecord): Promise<void>
  prune(now: number): Promise<void>
}

const partSize = 100
const depthKeptMs = 48 * 3_600_000
const hostKeptMs = 86_400_000
const baselineMs = 7 * 86_400_000

/** Numbers in the application's database: a row for each job class, queue, time and process, merged when they are read. */
export function createMetricsStore(database: Database, clock: Clock): MetricsStore {
  const upsert = (insert: Sql, key: string, columns: readonly string[]) => {
    const set = (of: (name: string) => string) => sql.raw(columns.map((name) => `${name} = ${of(name)}`).join(', '))
    return database.dialect === 'mysql'
      ? sql`${insert} on duplicate key update ${set((name) => `values(${name})`)}`
      : sql`${insert} on conflict (${sql.raw(key)}) do update set ${set((name) => `excluded.${name}`)}`
  }

  interface Row {
    readonly at: unknown
    readonly job: string
    readonly queue: string
    readonly connection: string
    readonly numbers: string
  }

  async function read({ from, to, job, queue }: MetricsWindow, resolution: Resolution): Promise<Row[]> {
    const only = [
      sql`resolution = ${resolution}`,
      sql`at >= ${Math.floor(from)}`,
      sql`at < ${Math.ceil(to)}`,
      ...(job === undefined ? [] : [sql`job = ${job}`]),
      ...(queue === undefined ? [] : [sql`queue = ${queue}`]),
    ]
    return database.all<Row>(sql`select at, job, queue, connection, numbers from glueful_queue_numbers where ${sql.join(only, sql` and `)}`)
  }

  function merge(rows: readonly Row[], keyOf: (row: Row) => string): { readonly row: Row; readonly numbers: Numbers }[] {
    const merged = new Map<string, { readonly row: Row; readonly numbers: Numbers }>()
    for (const row of rows) {
      const key = keyOf(row)
      const found = merged.get(key)
      const numbers = Numbers.decode(row.numbers)
      if (found === undefined) merged.set(key, { row, numbers })
      else found.numbers.merge(numbers)
    }
    return [...merged.values()]
  }

  const classOf = ({ job, queue, connection }: Row) => `${connection}\n${queue}\n${job}`

  return {
    together: (work) => database.transaction(work),
    summary: async (window) => {
      const resolution = resolutionFor(window, clock.now())
      const seconds = (window.to - window.from) / 1_000
      return merge(await read(window, resolution), classOf)
        .map(({ row, numbers }) => numbers.toJobNumbers(row.job, row.queue, row.connection, seconds))
        .sort(byName)
    },
    series: async ({ resolution, ...window }) =>
      merge(await read(window, resolution), (row) => `${row.at}\n${classOf(row)}`)
        .map(({ row, numbers }) => ({ ...numbers.toJobNumbers(row.job, row.queue, row.connection, resolution), at: Number(row.at) }))
        .sort((a, b) => a.at - b.at || byName(a, b)),
    depths: async ({ from, to, queue }) => {
      const only = queue === undefined ? sql`` : sql` and queue = ${queue}`
      const rows = await database.all<Record<string, unknown>>(sql`select at, queue, waiting, later, active, oldest_ms from glueful_queue_depths
        where at >= ${Math.floor(from)} and at < ${Math.ceil(to)}${only} order by at, queue limit 20000`)
      return rows.map((row): DepthSample => ({
        at: Number(row['at']),
        queue: row['queue'] as string,
        waiting: Number(row['waiting']),
        delayed: Number(row['later']),
        active: Number(row['active']),
        oldestSeconds: Number(row['oldest_ms']) / 1_000,
      }))
    },
    baselines: async () => {
      const now = clock.now()
      const rows = await read({ from: now - baselineMs, to: now }, 3_600)
      return merge(rows, classOf).flatMap(({ row, numbers }): Baseline[] => {
        const hours = new Set(rows.filter((other) => classOf(other) === classOf(row)).map(({ at }) => Number(at))).size
        const { runSeconds, failureRatio } = numbers.toJobNumbers(row.job, row.queue, row.connection, 1)
        if (runSeconds === undefined) return []
        const { count, p50, p95 } = runSeconds
        return [{ job: row.job, queue: row.queue, samples: count, runP50Seconds: p50, runP95Seconds: p95, failureRatio, perHour: count / hours }]
      })
    },
    hosts: async () => {
      const rows = await database.all<{ record: string }>(sql`select record from glueful_queue_hosts order by host`)
      return rows.map(({ record }) => JSON.parse(record) as HostRecord)
    },
    write: async (rows) => {
      for (let at = 0; at < rows.length; at += partSize) {
        const values = rows
          .slice(at, at + partSize)
          .map(
            ({ resolution, at: time, job, queue, connection, source, numbers }) =>
              sql`(${resolution}, ${time}, ${job}, ${queue}, ${connection}, ${source}, ${numbers})`,
          )
        const insert = sql`insert into glueful_queue_numbers (resolution, at, job, queue, connection, source, numbers) values ${sql.join(values)}`
        await database.run(upsert(insert, 'resolution, at, queue, job, connection, source', ['numbers']))
      }
    },
    writeDepths: async (depths, at) => {
      if (depths.length === 0) return
      const values = depths.map(({ queue, states, oldestAt }) => {
        const ready = (states.waiting ?? 0) + (states.grouped ?? 0) + (states.suspect ?? 0)
        return sql`(${at}, ${queue}, ${ready}, ${states.delayed ?? 0}, ${states.active ?? 0}, ${oldestAt === undefined ? 0 : Math.max(0, Math.round(clock.now() - oldestAt))})`
      })
      const insert = sql`insert into glueful_queue_depths (at, queue, waiting, later, active, oldest_ms) values ${sql.join(values)}`
      await database.run(upsert(insert, 'at, queue', ['waiting', 'later', 'active', 'oldest_ms']))
    },
    writeHost: async (host) => {
      const insert = sql`insert into glueful_queue_hosts (host, at, record) values (${host.host}, ${host.at}, ${JSON.stringify(host)})`
      await database.run(upsert(insert, 'host', ['at', 'record']))
    },
    prune: async (now) => {
      for (const { seconds, keptMs } of resolutions)
        await database.run(sql`delete from glueful_queue_numbers where resolution = ${seconds} and at < ${Math.floor(now - keptMs)}`)
      await database.run(sql`delete from glueful_queue_depths where at < ${Math.floor(now - depthKeptMs)}`)
      await database.run(sql`delete from glueful_queue_hosts where at < ${Math.floor(now - hostKeptMs)}`)
    },
  }
}

const byName = (a: JobNumbers, b: JobNumbers) => (a.queue === b.queue ? (a.job < b.job ? -1 : 1) : a.queue < b.queue ? -1 : 1)

/** The finest that still has the whole window, and not more than a few hundred steps of it. */
function resolutionFor({ from, to }: MetricsWindow, now: number): Resolution {
  const found = resolutions.find(({ seconds, keptMs }) => from >= now - keptMs && (to - from) / (seconds * 1_000) <= 600)
  return found?.seconds ?? 3_600
}
