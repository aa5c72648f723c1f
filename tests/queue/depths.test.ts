import { databaseServers, testDatabase } from '@glueful/database/testing'
import { Database, database, inTransaction, sql, transaction, type Sql } from '@glueful/database'
import { queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { countJobs } from '../../packages/queue/src/engine/engines/database/count-jobs.ts'
import { createDepths } from '../../packages/queue/src/engine/engines/database/depths.ts'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'
import { newJob, workerRecord } from './engine-suite/open-engine.ts'
import { recordQueries } from './recorded-queries.ts'

/** Counts by a clock that this test turns: each count takes `costMs`. */
async function openDepths(dialect: 'sqlite' | 'postgres' | 'mysql') {
  const own = dialect === 'sqlite' ? undefined : await testDatabase(dialect)
  const app = createApp({ name: 'depths', routes: {}, extensions: [database(), queue({ jobs: [] })] })
  const opened = await testApp(app, { env: own === undefined ? {} : { DATABASE_URL: own.url } })
  const db = opened.app.use(Database)
  const { engine } = opened.app.use(QueueService)
  const time = { now: opened.clock.now(), costMs: 0, counted: 0 }
  const clock = {
    now: () => time.now,
    monotonic: () => {
      time.counted += 0.5
      return (time.now += time.costMs)
    },
  }
  const log = opened.app.log()
  const process = () => createDepths({ database: db, clock, log })
  return {
    db,
    engine,
    time,
    process,
    now: () => opened.clock.now(),
    /** The least that is enough for counts to be shared. */
    fill: async (count = 10_000, name = 'default') => {
      for (let at = 0; at < count; at += 1_000) {
        await engine.enqueue(Array.from({ length: Math.min(1_000, count - at) }, () => newJob(opened.clock.now(), { queue: name })))
      }
    },
    [Symbol.asyncDispose]: async () => {
      await opened.close()
      await own?.close()
    },
  }
}

async function planOf(db: Database, query: Sql): Promise<string> {
  const explain = db.dialect === 'sqlite' ? sql`explain query plan ` : sql`explain `
  return (await db.all<Record<string, unknown>>(sql`${explain}${query}`)).map((row) => Object.values(row).join(' ')).join('\n')
}

for (const { dialect, title, reachable } of await databaseServers()) {
  describe.skipIf(!reachable)(title, () => {
    test('every state of every queue is counted, with the oldest that is ready', async () => {
      await using open = await openDepths(dialect)
      const { engine, now, db } = open
      const at = now()
      await engine.pulse(workerRecord('a', at), 60_000, true)
      const first = newJob(at, { queue: 'a', runAt: at - 5_000 })
      await engine.enqueue([newJob(at, { queue: 'a' }), first, newJob(at, { queue: 'a', priority: 3, runAt: at - 1_000 })])
      await engine.enqueue([
        newJob(at, { queue: 'a', runAt: at + 60_000 }),
        newJob(at, { queue: 'b', group: { key: 'k', concurrency: 1, rate: undefined }, runAt: at - 9_000 }),
      ])
      await engine.enqueue([newJob(at, { queue: 'b', after: [first.id] })])
      await engine.enqueue([newJob(at, { queue: 'c', keepMs: 60_000 }), newJob(at, { queue: 'c' })])
      const [kept] = await engine.claim({ worker: 'a', queues: ['c'], limit: 1, suspects: 1 })
      await engine.settle([{ kind: 'complete', delivery: kept! }])
      await engine.claim({ worker: 'a', queues: ['c'], limit: 1, suspects: 1 })
      await db.run(sql`update glueful_jobs set state = 'suspect' where queue = 'a' and sort_order = -3`)
      await engine.pause('d')
      expect(await engine.depths()).toEqual([
        { queue: 'a', states: { waiting: 2, suspect: 1, delayed: 1 }, oldestAt: at - 5_000, paused: false },
        { queue: 'b', states: { grouped: 1, blocked: 1 }, oldestAt: at - 9_000, paused: false },
        { queue: 'c', states: { active: 1, done: 1 }, oldestAt: undefined, paused: false },
        { queue: 'd', states: {}, oldestAt: undefined, paused: true },
      ])
    })

    test('counting reads indexes and no jobs, however many there are', async () => {
      await using open = await openDepths(dialect)
      await open.fill(10_000)
      if (dialect === 'postgres') await open.db.script('vacuum analyze glueful_jobs')
      const { db, queries } = recordQueries(open.db)
      expect(await countJobs(db)).toMatchObject([{ queue: 'default', state: 'waiting', count: 10_000 }])
      const plans: string[] = []
      await open.db.transaction(async () => {
        // Whether it is the quicker way for so few is not the question.
        if (dialect === 'postgres') await open.db.script('set local enable_seqscan = off')
        for (const query of queries) plans.push(await planOf(open.db, query))
      })
      if (dialect === 'sqlite') {
        // Three slices of five thousand and what says that there is no more, with the names of queues and priorities.
        expect(queries).toHaveLength(1 + 4 + 3 * 2)
        for (const step of plans.join('\n').matchAll(/.*glueful_jobs .*/g)) {
          // Those that run are bounded by what workers can do at once.
          if (!step[0].includes('glueful_jobs_worker')) expect(step[0]).toContain('COVERING INDEX')
        }
        expect(plans.slice(1).join('\n')).not.toContain('SCAN glueful_jobs USING COVERING INDEX glueful_jobs_claim')
      }
      if (dialect === 'postgres') {
        expect(plans[0]).toMatch(/Index Only Scan using glueful_jobs_claim/)
        expect(plans[0]?.match(/(?<!Only) Scan using (\w+)|Seq Scan|Bitmap Heap Scan/g)?.filter((step) => !step.includes('glueful_jobs_worker'))).toEqual([])
      }
      // MariaDB says it in a table, MySQL 9 in a tree.
      if (dialect === 'mysql') expect(plans[0]).toMatch(/glueful_jobs_claim.*Using index|Covering index scan on glueful_jobs using glueful_jobs_claim/)
    })

    test('thousands are counted by one process for all, and again after twenty times as long as that took', async () => {
      await using open = await openDepths(dialect)
      const { time, process, engine } = open
      await open.fill(10_000)
      await open.fill(10, 'other')
      time.costMs = 100
      const [one, two] = [process(), process()]
      const waiting = async (asked: ReturnType<typeof process>) => (await asked.depths()).map(({ states }) => states.waiting)
      expect(await waiting(one)).toEqual([10_000, 10])
      await open.fill(7)
      await engine.pause('other')
      time.now += 1_500
      // Shared counts; what costs nothing is always read.
      expect(await waiting(two)).toEqual([10_000, 10])
      expect((await two.depths())[1]?.paused).toBe(true)
      expect(time.counted).toBe(1)
      time.now += 400
      // Old by now: still an answer at once, and counted behind it, by one of the two.
      const [first, second] = await Promise.all([waiting(one), waiting(two)])
      // The other may have looked when the new count was there already.
      expect([first, second?.[1]]).toEqual([[10_000, 10], 10])
      expect([10_000, 10_007]).toContain(second?.[0])
      await Promise.all([one.stop(), two.stop()])
      expect(time.counted).toBe(2)
      expect(await waiting(one)).toEqual([10_007, 10])
      // Older than half a minute is no answer.
      await open.fill(3)
      time.now += 31_000
      expect(await waiting(two)).toEqual([10_010, 10])
      expect(time.counted).toBe(3)
    })

    test('few are counted whenever somebody asks, also when there were many', async () => {
      await using open = await openDepths(dialect)
      const { time, process, db } = open
      time.costMs = 100
      const depths = process()
      await open.fill(9_999)
      for (const count of [9_999, 10_000, 10_000]) {
        if (count === 10_000 && time.counted === 1) await open.fill(1)
        expect((await depths.depths())[0]?.states.waiting).toBe(count)
      }
      expect(time.counted).toBe(2)
      await db.run(sql`delete from glueful_jobs where id > (select id from (select id from glueful_jobs order by id limit 1) first)`)
      time.now += 2_001
      await depths.depths()
      await depths.stop()
      for (const count of [1, 2]) {
        expect((await depths.depths())[0]?.states.waiting).toBe(count)
        await open.fill(1)
      }
    })

    test('a transaction sees its own jobs, whatever is shared', async () => {
      await using open = await openDepths(dialect)
      open.time.costMs = 100
      const depths = open.process()
      await open.fill(10_000)
      await depths.depths()
      await transaction(async () => {
        expect(inTransaction()).toBe(true)
        await open.fill(1)
        expect((await depths.depths())[0]?.states.waiting).toBe(10_001)
      })
    })
  })
}
