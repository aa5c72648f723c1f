import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { Database, sql } from '@glueful/database'
import { databaseServers, testDatabase } from '@glueful/database/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { QueueService } from '../../../packages/queue/src/queue/queue-parts.ts'
import { noOwnRedis, startRedis, type OwnRedis } from '../../redis/redis-server.ts'
import { until } from '../open-app.ts'
import app, { Effect } from './app.ts'
import { checkHistory } from './check-history.ts'

const number = (name: string, usual: number) => Number(process.env[name] ?? usual)
/** By default for some seconds each; CHAOS_JOBS=100000 CHAOS_WORKERS=8 CHAOS_KILLS=200 CHAOS_STOPS=50 is the long run. */
const size = { jobs: number('CHAOS_JOBS', 200), workers: number('CHAOS_WORKERS', 3), kills: number('CHAOS_KILLS', 4), stops: number('CHAOS_STOPS', 1) }
const minutes = number('CHAOS_MINUTES', 5)
/** How long a job takes at most. SQLite has one writer, and each job is a transaction: 100,000 of 15 ms take 25 minutes there. */
const mostMs = number('CHAOS_MS', 30)
const leaseMs = 1_500
const cli = resolve('packages/cli/bin/glueful.js')
const appFile = resolve('tests/queue/chaos/app.ts')

/** The same faults for the same seed. (Mulberry32, public domain.) */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const pause = (ms: number) => new Promise<void>((done) => void setTimeout(done, ms))

async function openChaos(dialect: 'sqlite' | 'postgres' | 'mysql', redis?: OwnRedis) {
  const database = await testDatabase(dialect)
  const env: Record<string, string> = { DATABASE_URL: database.url, APP_ENV: 'test', LOG_LEVEL: 'error', QUEUE_LEASE: `${leaseMs}ms` }
  if (redis !== undefined) Object.assign(env, { QUEUE_DRIVER: 'redis', REDIS_URL: redis.url })
  const here = app.with({ environment: 'test', env })
  await here.ready()
  const db = here.use(Database)
  await db.script('create table effects (job_id varchar(40) not null, at bigint not null)')
  await db.script('create table orders (job_id varchar(40) not null)')
  const children = new Set<ChildProcess>()
  const run = (...args: string[]) => {
    const child = spawn(process.execPath, ['--conditions=glueful-source', ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }
  const { engine } = here.use(QueueService)
  const column = async (text: string) => (await db.all<{ id: string }>(sql.raw(text))).map(({ id }) => id)
  return {
    db,
    engine,
    children,
    startWorker: () => run(cli, 'queue', 'work', '--concurrency=8', `--app=${appFile}`),
    startProducer: () => run(resolve('tests/queue/chaos/producer.ts')),
    orders: () => column('select job_id as id from orders'),
    effects: () => column('select job_id as id from effects order by at'),
    dead: () => column('select job_id as id from glueful_dead_letters'),
    kill: async (child: ChildProcess) => {
      const gone = new Promise((done) => void child.once('exit', done))
      child.kill('SIGKILL')
      await gone
    },
    stopAll: async () => {
      const all = [...children]
      const gone = Promise.all(all.map((child) => new Promise((done) => void child.once('exit', done))))
      for (const child of all) child.kill('SIGTERM')
      await gone
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) child.kill('SIGKILL')
      await here.close()
      await database.close()
    },
  }
}

let redis: OwnRedis | undefined
afterAll(async () => redis?.[Symbol.asyncDispose]())

const subjects: { readonly title: string; readonly skip: boolean; readonly open: () => ReturnType<typeof openChaos> }[] = [
  ...(await databaseServers()).map(({ dialect, title, reachable }) => ({ title, skip: !reachable, open: () => openChaos(dialect) })),
  {
    title: noOwnRedis === undefined ? 'Redis' : `Redis (${noOwnRedis})`,
    skip: noOwnRedis !== undefined,
    open: async () => openChaos('sqlite', (redis ??= await startRedis('--appendonly', 'yes'))),
  },
]

for (const { title, skip, open } of subjects) {
  describe.skipIf(skip)(title, () => {
    test(
      'workers that are killed, and stopped for longer than their lease: no job is lost, none has two effects, none is stuck',
      async () => {
        const seed = number('CHAOS_SEED', Math.floor(Math.random() * 2 ** 31))
        process.stdout.write(`chaos on ${title}: CHAOS_SEED=${seed}\n`)
        const random = randomOf(seed)
        await using chaos = await open()
        const dispatched: string[] = []
        for (let at = 0; at < size.jobs; at += 200) {
          const part = Array.from({ length: Math.min(200, size.jobs - at) }, () => ({ ms: Math.floor(random() * mostMs) }))
          dispatched.push(...(await Effect.dispatchMany(part)).map(({ id }) => id))
        }
        for (let index = 0; index < size.workers; index++) chaos.startWorker()
        await until(async () => (await chaos.effects()).length > 0)
        const faults = [...Array.from({ length: size.kills }, () => 'kill'), ...Array.from({ length: size.stops }, () => 'stop')].sort(() => random() - 0.5)
        for (const fault of faults) {
          await pause(100 + random() * 900)
          const living = [...chaos.children]
          const victim = living[Math.floor(random() * living.length)] as ChildProcess
          if (fault === 'kill') {
            await chaos.kill(victim)
            chaos.startWorker()
          } else {
            victim.kill('SIGSTOP')
            await pause(leaseMs * (1.2 + random()))
            victim.kill('SIGCONT')
          }
        }
        await until(
          async () => new Set(await chaos.effects()).size,
          (count) => count >= size.jobs,
        )
        await until(
          () => chaos.engine.depths(),
          (depths) => depths.length === 0,
        )
        await chaos.stopAll()
        // Those that were killed last are given up when their lease has ended, by whoever looks.
        await pause(leaseMs)
        await chaos.engine.maintain()
        const workers = (await chaos.engine.workers()).filter(({ state }) => state !== 'crashed').map(({ id }) => id)
        const remaining = await chaos.engine.list({ limit: 1_000 })
        expect(checkHistory({ dispatched, effects: await chaos.effects(), remaining, dead: await chaos.dead(), workers })).toEqual([])
      },
      minutes * 60_000,
    )

    test(
      'a process that dies between a transaction and its jobs: no ghost, and none is missing',
      async () => {
        const seed = number('CHAOS_SEED', Math.floor(Math.random() * 2 ** 31))
        process.stdout.write(`producers on ${title}: CHAOS_SEED=${seed}\n`)
        const random = randomOf(seed)
        await using chaos = await open()
        const undone: string[] = []
        for (let index = 0; index < Math.max(3, size.kills / 2); index++) {
          const producer = chaos.startProducer()
          if (producer.stdout !== null) createInterface({ input: producer.stdout }).on('line', (id) => undone.push(id))
          const before = (await chaos.orders()).length
          await until(async () => (await chaos.orders()).length > before + 5)
          await pause(random() * 300)
          await chaos.kill(producer)
        }
        const count = (await chaos.orders()).length
        chaos.startWorker()
        await until(
          async () => new Set(await chaos.effects()).size,
          (done) => done >= count,
        )
        await until(
          () => chaos.engine.depths(),
          (depths) => depths.length === 0,
        )
        await chaos.stopAll()
        expect(undone.length).toBeGreaterThan(0)
        // Read last: a server may commit what it was told to after the producer is gone.
        const dispatched = await chaos.orders()
        const remaining = await chaos.engine.list({ limit: 1_000 })
        expect(checkHistory({ dispatched, undone, effects: await chaos.effects(), remaining, dead: await chaos.dead(), workers: [] })).toEqual([])
      },
      minutes * 60_000,
    )
  })
}
