import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, sql, transaction } from '@glueful/database'
import { job } from '@glueful/queue'
import { describe, expect, test } from 'vitest'
import { canRun, ownServer } from '../database/own-servers.ts'
import { noOwnRedis, startRedis } from '../redis/redis-server.ts'
import { checkHistory } from './chaos/check-history.ts'
import { openApp, until } from './open-app.ts'

/** RESTART_ROUNDS makes it longer, RESTART_WITHIN=5000 (ms) is for a machine that does nothing else. */
const rounds = Number(process.env['RESTART_ROUNDS'] ?? 2)
const within = Number(process.env['RESTART_WITHIN'] ?? 20_000)

/** A server that jobs need, and that a test may stop as it likes. */
interface Restartable extends AsyncDisposable {
  readonly env: Record<string, string>
  stop(how: 'gently' | 'kill'): Promise<void>
  start(): Promise<void>
}

async function postgres(): Promise<Restartable> {
  const server = await ownServer('postgres')
  await server.start()
  return {
    env: { DATABASE_URL: server.url, DATABASE_ACQUIRE_TIMEOUT: '2s' },
    stop: (how) => server.stop(how),
    start: () => server.start(),
    [Symbol.asyncDispose]: async () => {
      await server.stop('kill')
      await server.remove()
    },
  }
}

async function redis(): Promise<Restartable> {
  const server = await startRedis('--appendonly', 'yes')
  const folder = mkdtempSync(join(tmpdir(), 'glueful-restarts-'))
  return {
    env: { DATABASE_URL: `sqlite:${join(folder, 'app.sqlite')}`, QUEUE_DRIVER: 'redis', REDIS_URL: server.url },
    stop: async (how) => {
      if (how === 'kill') return server.kill()
      const gone = once(server.process, 'exit')
      server.process.kill('SIGTERM')
      await gone
    },
    start: () => server.restart(),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const subjects = [
  { name: 'PostgreSQL', open: postgres, skipped: canRun.postgres || process.env['CI'] === 'true' ? undefined : 'skipped: no server program to start' },
  { name: 'Redis', open: redis, skipped: noOwnRedis },
]

for (const { name, open, skipped } of subjects) {
  describe.skipIf(skipped !== undefined)(skipped === undefined ? name : `${name} (${skipped})`, () => {
    test(`${rounds} restarts under load: work goes on within ${within / 1_000} s, no job is lost, and none has two effects`, { timeout: 180_000 }, async () => {
      await using server = await open()
      const Effect = job('effect', { transactional: true, tries: 100, backoff: () => 50 }, async ({ id, use }) => {
        await use(Database).run(sql`insert into effects (job_id) values (${id})`)
      })
      await using opened = await openApp({ jobs: [Effect] }, { LOG_LEVEL: 'fatal', ...server.env })
      await opened.db.script('create table effects (job_id varchar(40) not null)')
      const workers = await Promise.all([1, 2].map(() => opened.startWorker({ concurrency: 5 })))
      // Of a dispatch whose answer was lost nobody knows whether it is stored; only the others are promised.
      const acknowledged: string[] = []
      const unknown: unknown[] = []
      let stopped = false
      const dispatching = [false, true].map(async (inTransaction) => {
        while (!stopped) {
          try {
            const { id } = await (inTransaction ? transaction(() => Effect.dispatch()) : Effect.dispatch())
            acknowledged.push(id)
          } catch (error) {
            unknown.push(error)
          }
          // Lets timers and sockets have their turn when everything is refused at once.
          await new Promise((resolve) => void setTimeout(resolve, 2))
        }
      })
      const done = () => workers.reduce((sum, { stats }) => sum + stats.done, 0)
      for (let round = 0; round < rounds; round++) {
        const before = done()
        await until(() => done() > before + 50)
        await server.stop(round % 2 === 0 ? 'kill' : 'gently')
        const [dispatches, jobs] = [acknowledged.length, done()]
        await server.start()
        const back = performance.now()
        await expect.poll(() => done() > jobs + 20 && acknowledged.length > dispatches, { timeout: within, interval: 20 }).toBe(true)
        process.stdout.write(`${name}: work goes on ${Math.round(performance.now() - back)} ms after the server is back\n`)
      }
      stopped = true
      await Promise.all(dispatching)
      await until(
        () => opened.parts.engine.depths(),
        (depths) => depths.length === 0,
      )
      const effects = (await opened.db.all<{ job_id: string }>(sql`select job_id from effects`)).map(({ job_id }) => job_id)
      // What was stored and never acknowledged may have had its effect: once, as any other.
      const dispatched = [...new Set([...acknowledged, ...effects])]
      expect(dispatched.length - acknowledged.length).toBeLessThanOrEqual(unknown.length)
      const remaining = await opened.parts.engine.list({ limit: 1_000 })
      const dead = (await opened.parts.queue.deadLetters.list()).map(({ jobId }) => jobId)
      expect(checkHistory({ dispatched, effects, remaining, dead, workers: [] })).toEqual([])
      process.stdout.write(`${name}: ${acknowledged.length} dispatches acknowledged, ${unknown.length} not, ${effects.length} effects\n`)
      await Promise.all(workers.map((worker) => worker.stop(2_000)))
    })
  })
}
