import { Database, database, sql } from '@glueful/database'
import { createApp, route } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { canRun, ownServer } from './own-servers.ts'

const app = createApp({
  name: 'ledger',
  extensions: [database()],
  routes: {
    write: route.post('/write/:id', async ({ use, params }) => {
      await use(Database).run(sql`insert into ledger (id) values (${Number((params as { id: string }).id)})`)
      return { written: true }
    }),
    ping: route.get('/ping', ({ use }) => use(Database).first(sql`select 1 as one`)),
  },
})

/** RESTART_ROUNDS makes it longer, RESTART_WITHIN=5000 (ms) is for a machine that does nothing else. */
const restarts = Number(process.env['RESTART_ROUNDS'] ?? 10)
const within = Number(process.env['RESTART_WITHIN'] ?? 20_000)
const writers = 4

const subjects = (['postgres', 'mysql'] as const).map((dialect) => {
  const here = canRun[dialect] || process.env['CI'] === 'true'
  return { dialect, here, title: here ? dialect : `${dialect} (skipped: no server program to start)` }
})

describe.each(subjects)('$title', ({ dialect, here }) => {
  test.skipIf(!here)(
    `${restarts} restarts under load lose nothing that was acknowledged, and are over within ${within / 1_000} s`,
    { timeout: 180_000 },
    async () => {
      const server = await ownServer(dialect)
      await server.start()
      const one = await testApp(app, { env: { DATABASE_URL: server.url, DATABASE_ACQUIRE_TIMEOUT: '2s', DATABASE_POOL_MAX: '4' } })
      try {
        await one.app.use(Database).script('create table ledger (id integer primary key)')
        const acknowledged: number[] = []
        const unexpected: unknown[] = []
        let next = 0
        let stopped = false
        const load = Array.from({ length: writers }, async () => {
          while (!stopped) {
            const id = ++next
            const answer = await one.fetch(`/write/${id}`, { method: 'POST' })
            if (answer.status === 200) acknowledged.push(id)
            else if (answer.status !== 503) {
              const { code } = (await answer.json()) as { code: string }
              if (code !== 'COMMIT_OUTCOME_UNKNOWN') unexpected.push(code)
            }
            // Lets timers and sockets have their turn when everything is refused at once.
            await new Promise((resolve) => void setTimeout(resolve, 2))
          }
        })
        const readiness = async () => (await one.fetch('/health/ready')).status
        for (let round = 0; round < restarts; round++) {
          const before = acknowledged.length
          await expect.poll(() => acknowledged.length, { interval: 5 }).toBeGreaterThan(before + 25)
          await server.stop(round % 2 === 0 ? 'kill' : 'gently')
          one.clock.advance(2_000)
          expect(await readiness()).toBe(503)
          await server.start()
          // What the server needs to recover is its own; from the moment it listens, only so much is allowed.
          await expect.poll(async () => (await one.fetch('/ping')).status, { timeout: within, interval: 20 }).toBe(200)
          one.clock.advance(2_000)
          expect(await readiness()).toBe(200)
        }
        stopped = true
        await Promise.all(load)
        expect(unexpected).toEqual([])
        const found = new Set((await one.app.use(Database).all<{ id: number }>(sql`select id from ledger`)).map(({ id }) => id))
        expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
        process.stdout.write(`${dialect}: ${acknowledged.length} writes acknowledged over ${restarts} restarts, ${found.size} found\n`)
      } finally {
        await one.close()
        await server.stop('gently')
        await server.remove()
      }
    },
  )
})
