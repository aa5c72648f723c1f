import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createApp, Redis } from 'glueful'
import { testApp } from 'glueful/testing'
import { database } from '@glueful/database'
import { describeDialects } from '@glueful/database/testing'
import { describe, expect, test } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const script = fileURLToPath(new URL('./limit-worker.ts', import.meta.url))

/** Four processes with the same application, each with a door of its own. */
async function startProcesses(name: string, env: Record<string, string>) {
  const children = Array.from({ length: 4 }, () =>
    fork(script, [name], { execArgv: ['--conditions=glueful-source'], env: { ...process.env, NODE_ENV: 'test', ...env } }),
  )
  const ports = await Promise.all(children.map(async (child) => ((await once(child, 'message')) as [{ port: number }])[0].port))
  return {
    ports,
    ask: async (child: number, work: object) => {
      const process = children[child] as ChildProcess
      process.send(work)
      return ((await once(process, 'message')) as [Record<string, number>])[0]
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        children.map(async (child) => {
          const ended = once(child, 'exit')
          child.kill('SIGKILL')
          await ended
        }),
      )
    },
  }
}

async function forgetKeys(name: string): Promise<void> {
  await using app = await testApp(createApp({ name, routes: {} }), { env: { REDIS_URL: redisUrl } })
  const { client, prefix } = app.app.use(Redis)
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 }))
    if ((keys as string[]).length > 0) await client.unlink(...(keys as string[]))
}

type Processes = Awaited<ReturnType<typeof startProcesses>>

/** Two hundred requests at once: exactly the fifty of the limit go through, or the store has counted some that it did not answer in time. */
async function expectFifty({ ports }: Processes, path: string): Promise<void> {
  const statuses = await Promise.all(
    Array.from({ length: 200 }, (_, index) => fetch(`http://127.0.0.1:${ports[index % 4]}/${path}`).then(({ status }) => status)),
  )
  const count = (wanted: number) => statuses.filter((status) => status === wanted).length
  const [admitted, refused, unanswered] = [count(200), count(429), count(503)]
  expect(admitted + refused + unanswered).toBe(200)
  expect(admitted).toBeLessThanOrEqual(50)
  expect(admitted).toBeGreaterThanOrEqual(50 - unanswered)
  expect(refused).toBeLessThanOrEqual(150)
}

await describeDialects(describe, ({ open }) => {
  test('4 processes admit exactly the limit', { timeout: 120_000 }, async () => {
    await using target = await open()
    const app = await testApp(createApp({ name: 'shop', routes: {}, extensions: [database({ migrateOnStart: true })] }), { env: { DATABASE_URL: target.url } })
    await app.close()
    await using processes = await startProcesses('shop', { DATABASE_URL: target.url, RATE_LIMIT_STORE: 'database' })
    for (const algorithm of ['sliding', 'fixed', 'bucket']) await expectFifty(processes, algorithm)
    expect(await hammer(processes, 1_000, 4)).toEqual([125, 125, 125, 125])
  })
})

/** Attempts of all processes for so many callers at half of what would be needed; how many were admitted for each. */
async function hammer(processes: Processes, attempts: number, subjects: number): Promise<number[]> {
  const limit = Math.floor(attempts / subjects / 2)
  const results = await Promise.all([0, 1, 2, 3].map((child) => processes.ask(child, { attempts: attempts / 4, subjects, limit })))
  const admitted = new Map<string, number>()
  for (const result of results) for (const [subject, count] of Object.entries(result)) admitted.set(subject, (admitted.get(subject) ?? 0) + count)
  return [...admitted.values()]
}

/** LIMIT_REQUESTS=1000000 runs as many as the promise speaks of. */
const requests = Number(process.env['LIMIT_REQUESTS'] ?? 20_000)

redisTest(`Redis: 4 processes admit exactly the limit, of 200 requests at once and of ${requests} attempts`, { timeout: 600_000 }, async () => {
  const name = `test-${randomUUID()}`
  await using processes = await startProcesses(name, { REDIS_URL: redisUrl })
  for (const algorithm of ['sliding', 'fixed', 'bucket']) await expectFifty(processes, algorithm)
  expect(await hammer(processes, requests, 10)).toEqual(Array.from({ length: 10 }, () => requests / 20))

  // What one process refuses for causing errors, all do; each asks what the others know at most once a second.
  const ask = (child: number, path: string) => fetch(`http://127.0.0.1:${processes.ports[child]}${path}`).then((answer) => answer.status)
  const scanned = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index % 4, `/nothing/${index}`)))
  expect(scanned.filter((status) => status === 404)).toHaveLength(20)
  expect(scanned.filter((status) => status === 429)).toHaveLength(20)
  for (let child = 0; child < 4; child++) await expect.poll(() => ask(child, '/plain')).toBe(429)
  expect(await ask(0, '/health/live')).toBe(200)
  await forgetKeys(name)
})
