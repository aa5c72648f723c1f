import { statSync } from 'node:fs'
import { databaseServers, testDatabase } from '@glueful/database/testing'
import { sql, type Database } from '@glueful/database'
import { job } from '@glueful/queue'
import { describe, expect, test } from 'vitest'
import { statementsFor } from '../../../packages/queue/src/engine/engines/database/statements.ts'
import { openApp, until } from '../open-app.ts'

/** By default for some seconds each; SCALE_JOBS=1000000 is what the documentation says. It prints sizes and speeds. */
const jobs = Number(process.env['SCALE_JOBS'] ?? 20_000)
const isLong = jobs > 100_000
const backlog = 1_000
const Nothing = job('nothing', {}, () => {})

const dispatch = async (count: number) => {
  for (let sent = 0; sent < count; sent += 1_000) await Nothing.dispatchMany(Array.from({ length: Math.min(1_000, count - sent) }, () => undefined))
}

type Opened = Awaited<ReturnType<typeof openApp>>

/** Passes jobs through one worker: all of them stored before it starts, or as they come. */
async function pass({ startWorker }: Opened, count: number, shape: 'burst' | 'flow', stored: () => Promise<unknown>): Promise<number> {
  if (shape === 'burst') {
    await dispatch(count)
    await stored()
  }
  const begun = performance.now()
  const worker = await startWorker({ concurrency: 100 })
  for (let sent = shape === 'burst' ? count : 0; sent < count;) {
    if (sent - worker.stats.done >= 5_000) {
      await new Promise((resolve) => void setTimeout(resolve, 2))
      continue
    }
    await dispatch(Math.min(1_000, count - sent))
    sent += 1_000
  }
  await until(() => worker.stats.done === count)
  await worker.stop(10_000)
  return Math.round((count / (performance.now() - begun)) * 1_000)
}

/** The statement of a claim of a hundred jobs, as the engine asks it. */
async function claimStatement(db: Database): Promise<{ readonly text: string; readonly params: readonly unknown[] }> {
  const asked: { text: string; params: readonly unknown[] }[] = []
  const listening = {
    dialect: db.dialect,
    execute: (text: string, params: readonly unknown[]) => {
      asked.push({ text, params })
      return { rows: text.includes('limit 1') ? [[1]] : [], rowCount: 0 }
    },
    transaction: (work: () => unknown) => work(),
  } as unknown as Database
  await statementsFor(listening).claim({ queue: 'default', state: 'waiting', limit: 100, worker: 'w', claim: 'c', now: Date.now() })
  return asked.at(-1) as (typeof asked)[number]
}

/** What a claim reads: pages of the index on PostgreSQL, rows on MySQL; on SQLite, which has no dead rows, what it searches. */
const claimCost = {
  sqlite: async (db: Database) => {
    const { text, params } = await claimStatement(db)
    const steps = (await db.execute(`explain query plan ${text}`, params)).rows.map((row) => String(row[3]))
    return steps.filter(
      (step) =>
        step.includes('glueful_jobs') && !/SEARCH glueful_jobs USING (?:COVERING INDEX glueful_jobs_claim \(queue=\?\)|PRIMARY KEY \(id=\?\))/.test(step),
    ).length
  },
  postgres: async (db: Database) => {
    const { text, params } = await claimStatement(db)
    let pages = 0
    await rolledBack(db, async () => {
      const plan = (await db.execute(`explain (analyze, buffers) ${text}`, params)).rows.map((row) => String(row[0])).join('\n')
      const found =
        /Index Scan using glueful_jobs_claim .*\n(?:\s+(?:Index Cond|Filter|Rows Removed).*\n)*\s+Buffers: shared (?:hit=(\d+))?(?: ?read=(\d+))?/.exec(plan)
      expect(found, plan).not.toBeNull()
      pages = Number(found?.[1] ?? 0) + Number(found?.[2] ?? 0)
    })
    return pages
  },
  mysql: async (db: Database) => {
    const { text, params } = await claimStatement(db)
    let rows = 0
    await rolledBack(db, async () => {
      const read = async () =>
        (await db.execute(`show session status like 'Handler_read_%'`, [])).rows
          .filter(([name]) => name !== 'Handler_read_rnd_next')
          .reduce((sum, row) => sum + Number(row[1]), 0)
      const before = await read()
      await db.execute(text, params)
      rows = (await read()) - before
    })
    return rows
  },
}

const costs = { sqlite: 'steps that search no index', postgres: 'pages of the index', mysql: 'rows' }

async function rolledBack(db: Database, work: () => Promise<void>): Promise<void> {
  const undone = new Error('undone')
  await expect(
    db.transaction(async () => {
      await work()
      throw undone
    }),
  ).rejects.toBe(undone)
}

/** Bytes that the jobs take with their indexes; of SQLite the whole file, without pages that are free for anything. */
const size = {
  sqlite: async (db: Database, url: string) => {
    const pragma = async (name: string) => Number((await db.execute(`pragma ${name}`, [])).rows[0]?.[0])
    const used = ((await pragma('page_count')) - (await pragma('freelist_count'))) * (await pragma('page_size'))
    return { used, file: statSync(url.slice('sqlite:'.length)).size }
  },
  postgres: async (db: Database) => {
    const [row] = (await db.execute(`select pg_total_relation_size('glueful_jobs'), pg_relation_size('glueful_jobs')`, [])).rows
    return { used: Number(row?.[0]), file: Number(row?.[1]) }
  },
  mysql: async (db: Database) => {
    await db.execute('analyze table glueful_jobs', [])
    const [row] = (
      await db.execute(`select data_length, index_length from information_schema.tables where table_schema = database() and table_name = 'glueful_jobs'`, [])
    ).rows
    return { used: Number(row?.[0]) + Number(row?.[1]), file: Number(row?.[0]) }
  },
}

/** With the jobs of the look itself and what dies between two vacuums; a million jobs take 200 MB and more where nothing is removed. */
const mostBytes = 32_000_000

for (const { dialect, title, reachable } of await databaseServers()) {
  describe.skipIf(!reachable)(title, () => {
    test(
      `after ${2 * jobs} jobs the tables are as small, and a claim reads as little, as before the first`,
      async () => {
        await using own = await testDatabase(dialect)
        await using open = await openApp({ jobs: [Nothing] }, { DATABASE_URL: own.url, LOG_LEVEL: 'error' })
        const { db, parts } = open
        const tell = (what: string) => void (isLong && process.stdout.write(`${title}: ${what}\n`))
        const megabytes = async () => {
          const { used, file } = await size[dialect](db, own.url)
          return `${(used / 1e6).toFixed(1)} MB with indexes, table or file ${(file / 1e6).toFixed(1)} MB`
        }
        const look = async (isReady: () => Promise<boolean> = async () => true) => {
          await dispatch(backlog)
          await until(isReady)
          const cost = await claimCost[dialect](db)
          const { used } = await size[dialect](db, own.url)
          const worker = await open.startWorker({ concurrency: 100 })
          await until(() => worker.stats.done === backlog)
          await worker.stop(10_000)
          return { cost, used }
        }
        const before = await look()
        tell(`at the beginning a claim of 100 of ${backlog} costs ${before.cost} (${costs[dialect]}), ${await megabytes()}`)

        let full = 0
        const burst = await pass(open, jobs, 'burst', async () => {
          full = (await size[dialect](db, own.url)).used
          tell(`${jobs} jobs wait, ${await megabytes()}`)
          for (const which of ['first', 'next', 'next']) {
            const begun = performance.now()
            const [depth] = await parts.engine.depths()
            expect(depth?.states.waiting).toBe(jobs)
            tell(`${which} look at depths: ${(performance.now() - begun).toFixed(1)} ms`)
          }
        })
        tell(`${jobs} jobs that waited: ${burst} a second, ${await megabytes()}`)
        const flow = await pass(open, jobs, 'flow', async () => {})
        tell(`${jobs} jobs that came by and by: ${flow} a second, ${await megabytes()}`)

        // As a worker does every two seconds; the server takes a moment to count what is dead.
        const enough = before.cost * 2 + (dialect === 'postgres' ? 70 : 10)
        const after = await look(async () => {
          await parts.engine.maintain()
          return (await claimCost[dialect](db)) <= enough
        })
        tell(`at the end a claim of 100 of ${backlog} costs ${after.cost} (${costs[dialect]}), ${await megabytes()}`)
        expect(after.cost).toBeLessThanOrEqual(enough)
        // Tables, indexes and files keep the room that a backlog once took, and use it again.
        expect(after.used).toBeLessThanOrEqual(Math.max(mostBytes, full * 1.5))
        if (dialect === 'sqlite') expect(after.used).toBeLessThanOrEqual(before.used * 1.5)

        await parts.recorder?.flush()
        for (const table of ['jobs', 'job_groups', 'job_dependencies', 'job_batches', 'job_outbox', 'job_effects', 'dead_letters', 'queue_workers']) {
          expect([table, Number((await db.first<{ n: unknown }>(sql.raw(`select count(*) as n from glueful_${table}`)))?.n)]).toEqual([table, 0])
        }
      },
      isLong ? 1_800_000 : 120_000,
    )
  })
}
