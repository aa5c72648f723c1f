import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, database, sql, transaction } from '@glueful/database'
import { job, Queue, queue, type QueueOptions } from '@glueful/queue'
import { createApp, Redis, systemClock, type App } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { afterAll, beforeAll, expect, test as plainTest } from 'vitest'
import { z } from 'zod'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'
import type { Delivery } from '../../packages/queue/src/engine/engine.ts'
import type { Failure } from '../../packages/queue/src/engine/stored-job.ts'
import { noOwnRedis, startRedis, type OwnRedis } from '../redis/redis-server.ts'
import { describeEngine } from './engine-suite/describe-engine.ts'
import { claim, limitedQueues, newJob, workerRecord } from './engine-suite/open-engine.ts'

const test = plainTest.skipIf(noOwnRedis !== undefined)
let server: OwnRedis
if (noOwnRedis === undefined) {
  beforeAll(async () => void (server = await startRedis('--appendonly', 'yes')))
  afterAll(async () => server[Symbol.asyncDispose]())
}

const define = (name: string, jobs: readonly unknown[] = []) =>
  createApp({ name, routes: {}, extensions: [database(), queue({ jobs, queues: limitedQueues })] })

/** The engine with a Redis of the test's own, and time that really passes. */
async function open(jobs: readonly unknown[] = [], url = server.url) {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-redis-queue-'))
  const env = { DATABASE_URL: `sqlite:${join(folder, 'app.sqlite')}`, QUEUE_DRIVER: 'redis', QUEUE_LEASE: '1s', REDIS_URL: url, LOG_LEVEL: 'fatal' }
  const name = `engine-${randomBytes(4).toString('hex')}`
  const start = async (definition: App) => {
    const started = definition.with({ environment: 'test', env, logDestination: createMemoryDestination() })
    await started.ready()
    return started
  }
  const app = await start(define(name, jobs))
  const db = app.use(Database)
  const parts = app.use(QueueService)
  return {
    app,
    db,
    parts,
    /** The same application as a release that has other limits, or none. */
    startAs: (queues: QueueOptions['queues'] = {}) => start(createApp({ name, routes: {}, extensions: [database(), queue({ jobs, queues })] })),
    engine: parts.engine,
    now: () => systemClock.now(),
    // What is lost is found by looking twice, a quarter of a lease apart.
    pass: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms + 700)),
    transaction,
    dead: async () =>
      (await db.all<{ job_id: string; failures: string }>(sql`select job_id, failures from glueful_dead_letters order by failed_at, id`)).map((row) => ({
        id: row.job_id,
        failures: JSON.parse(row.failures) as Failure[],
      })),
    [Symbol.asyncDispose]: async () => {
      await app.close()
      rmSync(folder, { recursive: true })
    },
  }
}

describeEngine('redis engine', open, { skip: noOwnRedis })

test('what is dispatched in a transaction waits in the outbox, and is handed on by another process when this one dies after the commit', async () => {
  const Work = job('work', {}, () => {})
  await using opened = await open([Work])
  const { id } = await Work.dispatch()
  const [delivery] = await opened.engine.claim({ worker: 'a', queues: ['default'], limit: 1, suspects: 0 })
  expect(delivery?.id).toBe(id)
  // As a process leaves it that dies between the commit and the hand-over.
  const lost = { ...delivery, id: id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')), runAt: 0, createdAt: 0, keepMs: 0 }
  await opened.db.run(sql`insert into glueful_job_outbox (id, body, created_at) values (${lost.id}, ${JSON.stringify(lost)}, 0)`)
  await opened.engine.maintain()
  expect(await opened.engine.find(lost.id)).toMatchObject({ state: 'waiting' })
  expect(await opened.db.all(sql`select id from glueful_job_outbox`)).toEqual([])
})

test('what is dispatched while Redis does not answer waits in the outbox, and is handed on once when it does', { timeout: 30_000 }, async () => {
  await using silent = await startRedis('--appendonly', 'yes')
  const Work = job('work', { payload: z.number() }, () => {})
  await using opened = await open([Work], silent.url)
  await Work.dispatch(0)
  const waiting = async () => (await opened.db.all(sql`select id from glueful_job_outbox`)).length
  silent.process.kill('SIGSTOP')
  try {
    await Promise.all([Work.dispatch(1), Work.dispatchMany(Array.from({ length: 250 }, (_, index) => index + 2))])
    expect(await waiting()).toBe(251)
  } finally {
    silent.process.kill('SIGCONT')
  }
  while ((await waiting()) > 0) {
    await new Promise((resolve) => void setTimeout(resolve, 50))
    await opened.engine.maintain()
  }
  expect((await opened.engine.depths())[0]?.states).toEqual({ waiting: 252 })
})

test('a job that could not be confirmed, because Redis was away for that moment, comes back', { timeout: 30_000 }, async () => {
  await using away = await startRedis('--appendonly', 'yes')
  const Work = job('work', { tries: 5 }, () => {})
  await using opened = await open([Work], away.url)
  const { engine } = opened
  for (const worker of ['a', 'b']) await engine.pulse(workerRecord(worker, opened.now()), 1_000, true)
  const { id } = await Work.dispatch()
  const [delivery] = (await claim(engine, 'a')) as [Delivery]
  const settling = engine.settleWithin(delivery, async () => {
    await away.kill()
    return { kind: 'complete', delivery }
  })
  await expect(settling).rejects.toMatchObject({ code: 'JOB_LEASE_LOST' })
  await away.restart()
  // Its worker lives and says so, and yet the lock of the job ends.
  const again = async () => {
    await engine.pulse(workerRecord('a', opened.now()), 1_000, false)
    return (await claim(engine, 'b').catch((): Delivery[] => [])).map((found) => found.id)
  }
  await expect.poll(again, { timeout: 15_000, interval: 50 }).toEqual([id])
})

test('a worker runs jobs from Redis and from the database', async () => {
  const ran: string[] = []
  const Plain = job('plain', {}, () => void ran.push('plain'))
  const Unique = job('unique', { unique: true }, () => void ran.push('unique'))
  await using opened = await open([Plain, Unique])
  await Plain.dispatchMany(Array.from({ length: 50 }, () => undefined))
  await Unique.dispatch()
  const worker = opened.parts.createWorker()
  await worker.start()
  while (ran.length < 51) await new Promise((resolve) => void setTimeout(resolve, 10))
  await worker.stop(2_000)
  expect(ran.filter((name) => name === 'unique')).toHaveLength(1)
  expect(await opened.engine.depths()).toEqual([])
})

test('of jobs that are done, failed for good or cancelled nothing stays in Redis', async () => {
  const Fine = job('fine', {}, () => {})
  const Bad = job('bad', { tries: 1 }, () => {
    throw new Error('no')
  })
  await using opened = await open([Fine, Bad])
  const fine = await Fine.dispatchMany(Array.from({ length: 20 }, () => undefined))
  const bad = await Bad.dispatch()
  const cancelled = await Fine.dispatch(undefined, { delay: '1h' })
  const { client, key } = opened.app.use(Redis)
  const stored = async () => (await client.keys(key('jobs:default:*-*-7*-*'))).length
  expect(await stored()).toBe(22)
  expect(await opened.engine.cancel(cancelled.id)).toBe(true)
  const worker = opened.parts.createWorker()
  await worker.start()
  while (worker.stats.done + worker.stats.failed < fine.length + 1) await new Promise((resolve) => void setTimeout(resolve, 10))
  await worker.stop(2_000)
  expect(await stored()).toBe(0)
  expect(await client.exists(key('jobs:default:completed'), key('jobs:default:failed'))).toBe(0)
  expect(await opened.dead()).toMatchObject([{ id: bad.id }])
})

test('what is counted of jobs in Redis is kept in Redis, and read as anywhere', async () => {
  const Work = job('work', { tries: 1, payload: z.number() }, ({ payload }) => {
    if (payload === 0) throw new Error('no')
  })
  await using opened = await open([Work])
  const queue = opened.app.use(Queue)
  await Work.dispatchMany([0, 1, 2, 3])
  await Work.dispatch(4, { priority: 1 })
  await Work.dispatch(5, { queue: 'other' })
  const worker = opened.parts.createWorker({ queues: [{ queue: 'default' }] })
  await worker.start()
  while (worker.stats.done + worker.stats.failed < 5) await new Promise((resolve) => void setTimeout(resolve, 10))
  await worker.stop(2_000)
  await opened.parts.recorder?.flush()
  const window = { from: Date.now() - 60_000, to: Date.now() + 1_000 }
  expect(await queue.metrics.summary(window)).toMatchObject([{ job: 'work', queue: 'default', connection: 'redis', attempts: { completed: 4, failed: 1 } }])
  expect((await queue.metrics.series({ ...window, resolution: 60 })).reduce((sum, { attempts }) => sum + attempts.completed, 0)).toBe(4)
  expect(await queue.metrics.depths(window)).toMatchObject([{ queue: 'other', waiting: 1 }])
  expect(await queue.metrics.hosts()).toHaveLength(1)
  expect(await queue.metrics.baselines()).toMatchObject([{ job: 'work', samples: 5, failureRatio: 0.2 }])
  expect(await queue.explain('other')).toMatchObject({ backlog: 1, findings: [{ cause: 'no-worker' }] })
  for (const table of ['numbers', 'depths', 'hosts']) expect(await opened.db.all(sql`select * from ${sql.id(`glueful_queue_${table}`)}`)).toEqual([])
})

test('QUEUE_REDIS_UNREACHABLE: a start that finds no Redis ends, and says so', { timeout: 30_000 }, async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const app = define('alone').with({ environment: 'test', env: { QUEUE_DRIVER: 'redis', REDIS_URL: `redis://127.0.0.1:${port}`, LOG_LEVEL: 'fatal' } })
  await expect(app.ready()).rejects.toMatchObject({ code: 'SERVICE_START_FAILED', cause: { code: 'QUEUE_REDIS_UNREACHABLE' } })
  await app.close()
})

test('a Redis that may lose jobs is refused, unless that is accepted; so is none at all', async () => {
  await using forgetful = await startRedis('--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru')
  const start = async (env: Record<string, string>) => {
    const app = define('durable').with({ environment: 'test', env: { QUEUE_DRIVER: 'redis', LOG_LEVEL: 'fatal', ...env } })
    await app.ready().finally(() => app.close())
  }
  const code = async (env: Record<string, string>) =>
    start(env).then(
      () => 'started',
      (error: { code: string; cause?: { code?: string; message: string } }) => error.cause?.code ?? error.code,
    )
  expect(await code({ REDIS_URL: forgetful.url })).toBe('QUEUE_REDIS_NOT_DURABLE')
  expect(await code({ REDIS_URL: forgetful.url, QUEUE_REDIS_ALLOW_LOSS: 'true' })).toBe('started')
  expect(await code({ REDIS_URL: server.url })).toBe('started')
  expect(await code({})).toBe('QUEUE_REDIS_MISSING')
})

test('a job waits for one that was dispatched in the same transaction and is on its way to Redis', async () => {
  const ran: string[] = []
  const First = job('first', {}, () => void ran.push('first'))
  const Second = job('second', {}, () => void ran.push('second'))
  await using opened = await open([First, Second])
  await transaction(async () => {
    const first = await First.dispatch()
    await Second.dispatch(undefined, { after: [first] })
  })
  expect((await opened.engine.depths())[0]?.states.blocked).toBe(1)
  const worker = opened.parts.createWorker()
  await worker.start()
  while (ran.length < 2) await new Promise((resolve) => void setTimeout(resolve, 10))
  await worker.stop(2_000)
  expect(ran).toEqual(['first', 'second'])
})

test('what Redis has of a queue when a release gives that queue limits comes under them, with its attempts and history', async () => {
  await using opened = await open()
  const { engine, now } = opened
  const before = await opened.startAs()
  const older = before.use(QueueService).engine
  const jobs = Array.from({ length: 5 }, () => newJob(now(), { queue: 'capped', tries: 3 }))
  await older.enqueue(jobs)
  const [first] = await claim(older, 'a', 1, ['capped'])
  const failure = { at: now(), attempt: 1, worker: 'a', kind: 'error' as const, name: 'Error', message: 'no' }
  await older.settle([{ kind: 'retry', delivery: first as Delivery, failure, runAt: now() }])
  await older.enqueue([newJob(now(), { queue: 'capped', runAt: now() + 60_000 })])
  expect(await opened.db.all(sql`select id from glueful_jobs`)).toEqual([])
  await before.close()

  expect(await claim(engine, 'a', 100, ['capped'])).toEqual([])
  await engine.maintain()
  const taken = await claim(engine, 'a', 100, ['capped'])
  expect(taken).toHaveLength(3)
  expect(await claim(engine, 'a', 100, ['capped'])).toEqual([])
  const rest = await engine.settle(
    taken.map((delivery) => ({ kind: 'complete' as const, delivery })),
    { worker: 'a', queues: ['capped'], limit: 100, suspects: 1 },
  )
  const all = [...taken, ...rest.deliveries]
  expect(all.map(({ id }) => id).toSorted()).toEqual(jobs.map(({ id }) => id))
  expect(all.find(({ id }) => id === first?.id)).toMatchObject({ attempt: 2, tries: 3, failures: [failure] })
  expect(all.filter(({ attempt }) => attempt === 1)).toHaveLength(4)
  // What is not due yet stays where it is until it is.
  expect(await engine.depths()).toMatchObject([{ queue: 'capped', states: { active: 2, delayed: 1 } }])
})
