import { databaseServers, testDatabase } from '@glueful/database/testing'
import { sql, type Database, type Sql } from '@glueful/database'
import { job } from '@glueful/queue'
import { describe, expect, test } from 'vitest'
import { listJobs } from '../../../packages/queue/src/engine/engines/database/inspect.ts'
import { explainQueue } from '../../../packages/queue/src/explain/explain-queue.ts'
import { openApp } from '../open-app.ts'
import { recordQueries } from '../recorded-queries.ts'

const Nothing = job('nothing', {}, () => {})
const wholeTable = {
  sqlite: /^SCAN glueful_jobs$|SCAN \w+$(?<=glueful_jobs)/m,
  postgres: /Seq Scan on glueful_jobs\b/,
  mysql: /\bglueful_jobs (?:\S* )?(?:ALL|index PRIMARY)\b/,
}

async function plansOf(db: Database, queries: readonly Sql[]): Promise<string> {
  const explain = db.dialect === 'sqlite' ? sql`explain query plan ` : sql`explain `
  const plans: string[] = []
  await db.transaction(async () => {
    // Whether an index is the quicker way for so few is not the question.
    if (db.dialect === 'postgres') await db.script('set local enable_seqscan = off')
    for (const query of queries) {
      const steps = await db.all<Record<string, unknown>>(sql`${explain}${query}`)
      plans.push(...steps.map((row) => (db.dialect === 'sqlite' ? String(row['detail']) : Object.values(row).join(' '))))
    }
  })
  return plans.join('\n')
}

for (const { dialect, title, reachable } of await databaseServers()) {
  describe.skipIf(!reachable)(title, () => {
    test('among thousands that wait, jobs of a state and what holds a queue back are found by indexes', async () => {
      await using own = await testDatabase(dialect)
      await using open = await openApp({ jobs: [Nothing] }, { DATABASE_URL: own.url, LOG_LEVEL: 'error' })
      for (let part = 0; part < 5; part++) await Nothing.dispatchMany(Array.from({ length: 1_000 }, () => undefined))
      const { id } = await Nothing.dispatch(undefined, { delay: '1h' })
      if (dialect === 'postgres') await open.db.script('vacuum analyze glueful_jobs')
      if (dialect === 'mysql') await open.db.execute('analyze table glueful_jobs', [])
      const { db, queries } = recordQueries(open.db)
      for (const state of ['delayed', 'grouped', 'suspect', 'blocked', 'active', 'done', 'cancelled'] as const) {
        queries.length = 0
        expect((await listJobs(db, { state })).map((found) => found.id)).toEqual(state === 'delayed' ? [id] : [])
        expect((await listJobs(db, { state, queue: 'default', job: 'nothing' })).map((found) => found.id)).toEqual(state === 'delayed' ? [id] : [])
        expect([state, wholeTable[dialect].exec(await plansOf(open.db, queries))?.[0]]).toEqual([state, undefined])
      }
      expect(await listJobs(db, { state: 'delayed', queue: 'other' })).toEqual([])
      expect(await listJobs(db, { state: 'waiting', limit: 3 })).toHaveLength(3)
      queries.length = 0
      const { engine, queue } = open.parts
      await explainQueue({ database: db, engine, metrics: queue.metrics, clock: { now: () => Date.now(), monotonic: () => performance.now() } }, 'default', 60)
      expect(queries.length).toBeGreaterThan(5)
      expect(wholeTable[dialect].exec(await plansOf(open.db, queries))?.[0]).toBeUndefined()
    })
  })
}
