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

const restarts = 20
const writers = 4

describe.each(['postgres', 'mysql'] as const)('%s', (dialect) => {
  test.skipIf(!canRun[dialect])(
    `${restarts} restarts under load lose nothing that was acknowledged, and are over within 5 s`,
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
          await expect.poll(() => acknowledged.length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + 25)
          await server.stop(round % 2 === 0 ? 'kill' : 'gently')
          one.clock.advance(2_000)
          expect(await readiness()).toBe(503)
          await server.start()
          // What the server needs to recover is its own; from the moment it listens, five seconds are allowed.
          await expect.poll(async () => (await one.fetch('/ping')).status, { timeout: 5_000, interval: 20 }).toBe(200)
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
