import { sql } from '@glueful/database'
import { job, Queue, type Cause } from '@glueful/queue'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { queueCommands } from '../../packages/queue/src/commands/queue-commands.ts'
import type { WorkerRecord } from '../../packages/queue/src/engine/engine.ts'
import { diagnose, type Evidence } from '../../packages/queue/src/explain/diagnose.ts'
import { createDatabaseMetricsStore } from '../../packages/queue/src/metrics/stores/database-metrics-store.ts'
import { resolutions } from '../../packages/queue/src/metrics/job-metrics.ts'
import { Numbers } from '../../packages/queue/src/metrics/numbers.ts'
import type { Outcome } from '../../packages/queue/src/metrics/job-metrics.ts'
import { openQueue } from './open-queue.ts'

const Work = job('work', { tries: 5 }, () => {})
const Capped = job('capped', { concurrency: 1 }, () => {})
const Limited = job('limited', { rateLimit: { limit: 2, per: '1h' } }, () => {})
const Slow = job('slow', { payload: z.number() }, () => {})

async function open() {
  const opened = await openQueue({ jobs: [Work, Capped, Limited, Slow] })
  const { parts, clock, db } = opened
  const { engine } = parts
  const store = createDatabaseMetricsStore(db, clock)
  const worker = (more: Partial<WorkerRecord> = {}) =>
    engine.pulse(
      {
        id: 'w1',
        host: 'here',
        pid: 1,
        queues: ['default'],
        concurrency: 10,
        startedAt: clock.now(),
        state: 'busy',
        running: 0,
        done: 0,
        failed: 0,
        memoryBytes: 1,
        cpuSeconds: 1,
        seenAt: clock.now(),
        ...more,
      },
      10_000,
      true,
    )
  const count = async (name: string, outcome: Outcome, seconds: number, times: number, ago = 0, resolution: 1 | 3_600 = 1) => {
    const numbers = new Numbers()
    for (let index = 0; index < times; index++) {
      numbers.count(outcome)
      numbers.run.add(seconds)
    }
    const counted = { job: name, queue: 'default', connection: 'database', source: `${outcome}${ago}`, numbers: numbers.encode() }
    const at = clock.now() - 1_000 - ago
    const written = resolutions.map(({ seconds: step }) => step).filter((step) => step >= resolution)
    await store.write(written.map((step) => ({ ...counted, resolution: step, at: Math.floor(at / (step * 1_000)) * step * 1_000 })))
  }
  const claim = (limit: number) => engine.claim({ worker: 'w1', queues: ['default'], limit, suspects: 5 })
  const dispatch = (times: number) => Work.dispatchMany(Array.from({ length: times }, () => undefined))
  return {
    ...opened,
    engine,
    store,
    worker,
    count,
    claim,
    dispatch,
    explain: (name = 'default') => opened.app.use(Queue).explain(name),
    [Symbol.asyncDispose]: opened.close,
  }
}

type Opened = Awaited<ReturnType<typeof open>>

/** What is wrong, and how to make it so. */
const injected: readonly (readonly [Cause, (opened: Opened) => Promise<unknown>, RegExp])[] = [
  [
    'paused',
    async ({ worker, dispatch, engine }) => {
      await worker()
      await dispatch(20)
      await engine.pause('default')
    },
    /paused/,
  ],
  ['no-worker', async ({ dispatch }) => dispatch(5), /No worker runs/],
  [
    'no-worker',
    async ({ worker, dispatch }) => {
      await worker({ queues: ['mail'] })
      await dispatch(5)
    },
    /1 workers run, and none takes jobs from default/,
  ],
  [
    'workers-crashed',
    async ({ worker, dispatch, engine, clock }) => {
      await worker({ id: 'gone' })
      clock.advance(11_000)
      await engine.maintain()
      await worker()
      await dispatch(5)
    },
    /1 workers were lost .* gone/,
  ],
  [
    'concurrency-cap',
    async ({ worker, claim }) => {
      await worker()
      await Capped.dispatchMany(Array.from({ length: 8 }, () => undefined))
      await claim(10)
    },
    /7 jobs wait for a place: capped runs 1 of 1/,
  ],
  [
    'rate-limit',
    async ({ worker, claim, engine }) => {
      await worker()
      await Limited.dispatchMany(Array.from({ length: 8 }, () => undefined))
      const taken = await claim(10)
      await engine.settle(taken.map((delivery) => ({ kind: 'complete' as const, delivery })))
    },
    /6 jobs of limited wait: 2 of 2 have started/,
  ],
  [
    'poison-class',
    async ({ worker, claim, dispatch, engine, clock, db }) => {
      await worker()
      await dispatch(3)
      await claim(3)
      clock.advance(11_000)
      await engine.maintain()
      await db.run(sql`delete from glueful_queue_workers`)
      await worker({ id: 'w2' })
    },
    /3 jobs of work were with workers that were lost/,
  ],
  [
    'long-running',
    async ({ worker, claim, clock, count }) => {
      await worker({ running: 1 })
      await Capped.dispatchMany([undefined, undefined, undefined])
      await claim(1)
      clock.advance(30_000)
      await count('capped', 'completed', 0.1, 10, 60_000)
    },
    /capped .* has run for 30 s, usual are 0\.10 s, and holds a place of capped/,
  ],
  [
    'served-after-others',
    async ({ worker, dispatch }) => {
      await worker({ queues: ['critical', 'default'] })
      await Work.dispatchMany(
        Array.from({ length: 50 }, () => undefined),
        { queue: 'critical' },
      )
      await dispatch(5)
    },
    /All 1 workers serve critical first, where 50 jobs wait/,
  ],
  [
    'failing-class',
    async ({ worker, dispatch, count }) => {
      await worker()
      await dispatch(5)
      await count('work', 'retried', 0.01, 40)
      await count('work', 'completed', 0.01, 5)
    },
    /40 of 45 attempts of work failed/,
  ],
  [
    'slow-class',
    async ({ worker, dispatch, count }) => {
      await worker()
      await dispatch(5)
      await count('work', 'completed', 0.05, 500, 3_600_000, 3_600)
      await count('work', 'completed', 2, 20)
    },
    /work takes (?:1\.9|2\.0)\d+ s \(median\), usual are 0\.05/,
  ],
  [
    'too-few-places',
    async ({ worker, dispatch, claim }) => {
      await worker({ running: 10 })
      await dispatch(100)
      await claim(10)
    },
    /10 of 10 places are taken, 90 jobs wait/,
  ],
  [
    'blocked',
    async ({ worker, claim, engine, clock }) => {
      await worker()
      const first = await Work.dispatch()
      const [delivery] = await claim(1)
      await Work.dispatch(undefined, { after: [first] })
      const failure = { at: clock.now(), attempt: 1, worker: 'w1', kind: 'error', name: 'Error', message: 'no' } as const
      if (delivery !== undefined) await engine.settle([{ kind: 'bury', delivery, failure }])
    },
    /1 jobs wait for others, 1 of them for dead letters/,
  ],
  [
    'delayed',
    async ({ worker }) => {
      await worker()
      await Work.dispatch(undefined, { delay: '1h' })
    },
    /1 jobs wait for their time/,
  ],
  [
    'host-saturated',
    async ({ worker, dispatch, store, clock }) => {
      await worker()
      await dispatch(5)
      await store.writeHost({
        host: 'here',
        at: clock.now(),
        cpuRatio: 0.99,
        load1: 9,
        cores: 4,
        memoryUsedBytes: 1,
        memoryTotalBytes: 4,
        diskUsedBytes: 0,
        network: undefined,
        diskTotalBytes: 1,
      })
    },
    /here: 99 % of 4 cores, load 9\.0/,
  ],
]

test.for(injected)('the cause is named: %s', async ([cause, inject, evidence]) => {
  await using opened = await open()
  await inject(opened)
  const { findings } = await opened.explain()
  expect(findings[0]).toMatchObject({ cause, evidence: expect.stringMatching(evidence) })
  expect(findings[0]?.advice).not.toBe('')
})

const healthy: Evidence = {
  queue: 'default',
  now: 1_000_000,
  depth: { queue: 'default', states: { active: 1 }, oldestAt: undefined, paused: false },
  otherDepths: [],
  workers: [],
  numbers: [],
  baselines: [],
  depthSamples: [],
  limits: undefined,
  groups: [],
  suspects: [],
  longest: [],
  blocked: { count: 0, onDeadLetters: 0 },
  outbox: 0,
  storeMs: 1,
  hosts: [],
}

test('a slow store and a full outbox are named', () => {
  const causes = (more: Partial<Evidence>) => diagnose({ ...healthy, depth: undefined, ...more }, 300).findings.map(({ cause }) => cause)
  expect(causes({ storeMs: 800 })).toEqual(['slow-database'])
  expect(causes({ outbox: 7 })).toEqual(['outbox'])
  expect(causes({})).toEqual([])
})

test('a queue that is well is left alone', async () => {
  await using opened = await open()
  await opened.worker({ running: 2 })
  await opened.dispatch(2)
  await opened.claim(2)
  await opened.count('work', 'completed', 0.05, 200)
  expect(await opened.explain()).toMatchObject({ backlog: 0, findings: [], drainSeconds: 0, placesNow: 10 })
  expect(await opened.explain('unknown')).toMatchObject({ backlog: 0, findings: [] })
})

test('the time to drain and the places that a target needs follow from what comes in and what is done', async () => {
  await using opened = await open()
  const { clock, store, count } = opened
  await opened.worker({ running: 10 })
  await opened.dispatch(600)
  // In a hundred seconds 500 jobs of 2 s ended, and the backlog shrank by 300.
  await store.writeDepths([{ queue: 'default', states: { waiting: 900 }, oldestAt: undefined, paused: false }], clock.now() - 100_000)
  await store.writeDepths([{ queue: 'default', states: { waiting: 600 }, oldestAt: undefined, paused: false }], clock.now())
  await count('work', 'completed', 2, 500)
  const found = await opened.app.use(Queue).explain('default', { target: '60s' })
  expect(found.throughputPerSecond).toBeCloseTo(5, 1)
  expect(found.arrivalsPerSecond).toBeCloseTo(2, 1)
  expect(found.drainSeconds).toBeCloseTo(200, -1)
  // Two a second come in and ten a second have to go, each of which takes a place for two seconds.
  expect(found.placesNeeded).toBeGreaterThanOrEqual(24)
  expect(found.placesNeeded).toBeLessThanOrEqual(25)
})

test('the command says the same in words', async () => {
  await using opened = await open()
  await opened.dispatch(3)
  const run = async (options: Record<string, string | boolean>, args: string[]) => {
    const lines: string[] = []
    await queueCommands.find(({ name }) => name === 'queue explain')?.run({ app: opened.app, args, options, print: (text) => void lines.push(text) })
    return lines.join('\n')
  }
  expect(await run({}, ['default'])).toMatch(
    /default: 3 jobs wait, the oldest for 0 s; it does not shrink\.[\s\S]*no-worker: No worker runs\.\n {2}glueful queue work --queue=default/,
  )
  expect(await run({}, ['empty'])).toContain('Nothing holds it back.')
  expect(JSON.parse(await run({ json: true, target: '1m' }, ['default']))).toMatchObject({ backlog: 3, targetSeconds: 60 })
  await expect(run({}, [])).rejects.toMatchObject({ code: 'QUEUE_OPTION_INVALID' })
})
