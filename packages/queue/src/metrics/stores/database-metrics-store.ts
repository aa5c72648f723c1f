import { sql, type Database, type Sql } from '@glueful/database'
import type { Clock } from 'glueful'
import { resolutions, type DepthSample, type HostRecord, type StoredNumbers } from '../job-metrics.ts'
import { depthKeptMs, depthStepMs, hostKeptMs, mostDepths, toDepthSample, type MetricsStore } from '../metrics-store.ts'
import { readMetrics, type KeptNumbers, type ReadNumbers } from '../read-metrics.ts'

const partSize = 100
/** Of each queue in one answer, where it would hold too many. */
const mostSamples = 600

/** Numbers in the application's database: a row for each job class, queue, time and process. */
export function createDatabaseMetricsStore(database: Database, clock: Clock): MetricsStore {
  const upsert = (insert: Sql, key: string, columns: readonly string[]) => {
    const set = (of: (name: string) => string) => sql.raw(columns.map((name) => `${name} = ${of(name)}`).join(', '))
    return database.dialect === 'mysql'
      ? sql`${insert} on duplicate key update ${set((name) => `values(${name})`)}`
      : sql`${insert} on conflict (${sql.raw(key)}) do update set ${set((name) => `excluded.${name}`)}`
  }

  const read: ReadNumbers = async ({ from, to, job, queue }, resolution) => {
    const only = [
      sql`resolution = ${resolution}`,
      sql`at >= ${Math.floor(from)}`,
      sql`at < ${Math.ceil(to)}`,
      ...(job === undefined ? [] : [sql`job = ${job}`]),
      ...(queue === undefined ? [] : [sql`queue = ${queue}`]),
    ]
    const rows = await database.all<Omit<KeptNumbers, 'at' | 'numbers'> & { readonly at: unknown; readonly numbers: string }>(
      sql`select at, job, queue, connection, numbers from glueful_queue_numbers where ${sql.join(only, sql` and `)}`,
    )
    // One text is parsed in half of the time that its parts take.
    const numbers = JSON.parse(`[${rows.map((row) => row.numbers).join()}]`) as StoredNumbers[]
    return rows.map((row, index) => ({ ...row, at: Number(row.at), numbers: numbers[index] as StoredNumbers }))
  }

  return {
    ...readMetrics(read, clock),
    together: (work) => database.transaction(work),
    depths: async ({ from, to, queue }) => {
      const only = queue === undefined ? sql`` : sql` and queue = ${queue}`
      const readDepths = (when: Sql) =>
        database.all<Record<string, unknown>>(sql`select at, queue, waiting, later, active, oldest_ms from glueful_queue_depths
        where ${when}${only} order by at, queue limit ${mostDepths}`)
      let rows = await readDepths(sql`at >= ${Math.floor(from)} and at < ${Math.ceil(to)}`)
      const times = rows.length < mostDepths ? [] : sampleTimes(Math.max(from, clock.now() - depthKeptMs), to)
      if (times.length > 0) rows = await readDepths(sql`at in (${sql.join(times)})`)
      return rows.map((row): DepthSample => ({
        at: Number(row['at']),
        queue: row['queue'] as string,
        waiting: Number(row['waiting']),
        delayed: Number(row['later']),
        active: Number(row['active']),
        oldestSeconds: Number(row['oldest_ms']) / 1_000,
      }))
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
      const values = depths.map((depth) => {
        const { queue, waiting, delayed, active, oldestSeconds } = toDepthSample(depth, at, clock.now())
        return sql`(${at}, ${queue}, ${waiting}, ${delayed}, ${active}, ${Math.round(oldestSeconds * 1_000)})`
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

/** Some of the times at which depths are written, at equal distances. */
function sampleTimes(from: number, to: number): number[] {
  const step = Math.max(1, Math.ceil((to - from) / depthStepMs / mostSamples)) * depthStepMs
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / step)) }, (_, index) => first + index * step)
}
