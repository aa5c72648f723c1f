import { databaseServers, testDatabase } from '@glueful/database/testing'
import { Database, database, sql, type Sql } from '@glueful/database'
import { job, Queue, queue, type AnyJob } from '@glueful/queue'
import { Authorizer, createApp, provide, strategy } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { createDatabaseMetricsStore } from '../../../packages/queue/src/metrics/stores/database-metrics-store.ts'
import { QueueService } from '../../../packages/queue/src/queue/queue-parts.ts'
import { recordQueries } from '../recorded-queries.ts'
import { classOf, recordHistory } from './recorded-history.ts'

/** By default for some seconds each; SCALE_JOBS=1000000 is what the documentation says. It prints how long each route took. */
const jobs = Number(process.env['SCALE_JOBS'] ?? 20_000)
const isLong = jobs > 100_000
const history = { jobs, days: 7, classes: 10, processes: 2, sampleMs: isLong ? 10_000 : 60_000 }
/** Stored numbers that one answer may be made of: those of ten classes in two processes. */
const mostRows = 145 * history.classes * history.processes

const paths = [
  '/admin/queues',
  '/admin/queues/default/explain',
  '/admin/workers',
  '/admin/jobs',
  '/admin/jobs?state=active',
  '/admin/jobs?queue=reports&state=waiting',
  '/admin/queue-metrics',
  '/admin/queue-metrics?window=900',
  '/admin/queue-metrics?window=3600',
  '/admin/queue-metrics?window=36000',
  '/admin/queue-metrics?window=86400',
  '/admin/queue-metrics?window=604800',
  '/admin/queue-metrics?window=7776000',
  '/admin/queue-metrics/series',
  '/admin/queue-metrics/series?window=3600&job=class.1',
  '/admin/queue-metrics/series?window=300&resolution=1&queue=default',
  '/admin/queue-metrics/series?window=86400&resolution=3600',
  '/admin/queue-metrics/series?window=604800&resolution=86400',
  '/admin/queue-metrics/depths',
  '/admin/queue-metrics/depths?window=172800',
  '/admin/queue-metrics/baselines',
  '/admin/hosts',
  '/admin/dead-letters',
  '/admin/dead-letters/groups',
]

async function openHistory(dialect: 'sqlite' | 'postgres' | 'mysql') {
  const own = await testDatabase(dialect)
  const known = Array.from({ length: history.classes }, (_, index) => job(classOf(index).job, { queue: classOf(index).queue }, () => {}) as unknown as AnyJob)
  const app = createApp({
    name: 'history',
    routes: {},
    extensions: [database(), queue({ jobs: known, admin: true })],
    strategies: [strategy('none', { authenticate: () => undefined })],
    services: [provide(Authorizer, () => ({ can: () => true }))],
  }).with({ environment: 'test', env: { DATABASE_URL: own.url, LOG_LEVEL: 'error' }, logDestination: createMemoryDestination() })
  await app.ready()
  const db = app.use(Database)
  const now = Date.now()
  await recordHistory(db, app.use(QueueService).engine, app.log(), now, history)
  if (dialect !== 'sqlite') await db.script(dialect === 'postgres' ? 'vacuum analyze' : 'analyze table glueful_queue_numbers, glueful_queue_depths')
  const asked = { identity: { id: 'ada', roles: [], scopes: [], strategy: 'given' }, address: '127.0.0.1' }
  return {
    db,
    now,
    metrics: app.use(Queue).metrics,
    get: async (path: string) => {
      const answer = await app.fetch(new Request(`http://history.test${path}`), asked)
      return { status: answer.status, text: await answer.text() }
    },
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await own.close()
    },
  }
}

/** What a query gives, and how it is found. */
async function ask(db: Database, query: Sql): Promise<{ readonly rows: number; readonly plan: string }> {
  const rows = await db.all(query)
  const explain = db.dialect === 'sqlite' ? sql`explain query plan ` : sql`explain `
  const plan = await db.transaction(async () => {
    // Whether it is the quicker way for so few is not the question.
    if (db.dialect === 'postgres') await db.script('set local enable_seqscan = off')
    return (await db.all<Record<string, unknown>>(sql`${explain}${query}`)).map((row) => Object.values(row).join(' ')).join('\n')
  })
  return { rows: rows.length, plan }
}

const wholeTable = {
  sqlite: /SCAN glueful_queue_(?:numbers|depths)(?! USING)/,
  postgres: /Seq Scan on glueful_queue_(?:numbers|depths)/,
  mysql: / glueful_queue_(?:numbers|depths)\S* (?:\S+ )?ALL /,
}

for (const { dialect, title, reachable } of await databaseServers()) {
  describe.skipIf(!reachable)(title, () => {
    test(
      `of ${jobs} recorded jobs, every answer is made of few rows, found by an index, and all of them are in it`,
      async () => {
        await using open = await openHistory(dialect)
        const { db, queries } = recordQueries(open.db)
        const store = createDatabaseMetricsStore(db, { now: () => open.now, monotonic: () => open.now })
        const week = { from: open.now - 7 * 86_400_000, to: open.now + 1 }
        const answers: Readonly<Record<string, () => Promise<readonly unknown[]>>> = {
          ...Object.fromEntries(
            [300, 900, 3_600, 36_000, 86_400, 604_800].map((seconds) => [
              `summary ${seconds}`,
              () => store.summary({ from: open.now - seconds * 1_000, to: open.now + 1 }),
            ]),
          ),
          baselines: () => store.baselines(),
          'series of a day': () => store.series({ from: open.now - 86_400_000, to: open.now + 1, resolution: 3_600 }),
          'depths of two days': () => store.depths({ from: open.now - 172_800_000, to: open.now + 1 }),
        }
        for (const [name, answer] of Object.entries(answers)) {
          queries.length = 0
          expect([name, (await answer()).length > 0]).toEqual([name, true])
          const costs = await Promise.all(queries.map((query) => ask(open.db, query)))
          const rows = costs.reduce((sum, cost) => sum + cost.rows, 0)
          // Of depths, the first that there are, and then some at equal distances.
          expect([name, rows <= (name.startsWith('depths') ? 4_000 : mostRows)]).toEqual([name, true])
          // All depths that are kept are those of two days: reading them is no detour.
          if (name === 'depths of two days') continue
          for (const { plan } of costs) expect([name, wholeTable[dialect].exec(plan)?.[0]]).toEqual([name, undefined])
        }
        const counted = (await store.summary(week)).reduce((sum, { attempts }) => sum + attempts.completed + attempts.retried, 0)
        // The window begins within an hour, of which there is one row.
        expect(counted).toBeGreaterThan(jobs * (1 - 1 / (7 * 24)) - 1)
        expect(counted).toBeLessThanOrEqual(jobs)
        const retried = (await store.summary({ ...week, from: 0 })).reduce((sum, { attempts }) => sum + attempts.retried, 0)
        expect(retried).toBe(jobs / 50)

        for (const path of paths) {
          const times: number[] = []
          const processor: number[] = []
          for (let round = 0; round < (isLong ? 120 : 1); round++) {
            const begun = performance.now()
            const used = process.threadCpuUsage()
            const { status } = await open.get(path)
            times.push(performance.now() - begun)
            const { user, system } = process.threadCpuUsage(used)
            processor.push((user + system) / 1_000)
            expect([path, status]).toEqual([path, 200])
          }
          const p95 = (list: readonly number[]) =>
            list
              .slice(20)
              .toSorted((one, other) => one - other)[94]
              ?.toFixed(1)
          if (isLong) process.stdout.write(`${title} GET ${path}: p95 ${p95(times)} ms, of this thread ${p95(processor)} ms\n`)
        }
      },
      isLong ? 1_200_000 : 120_000,
    )
  })
}
