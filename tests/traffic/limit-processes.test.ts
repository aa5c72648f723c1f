import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createApp, Redis } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect } from 'vitest'
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

redisTest('200 requests at once over 4 processes at a limit of 50: 50 are admitted and 150 refused', async () => {
  const name = `test-${randomUUID()}`
  await using processes = await startProcesses(name, { REDIS_URL: redisUrl })
  for (const algorithm of ['sliding', 'fixed', 'bucket']) {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => fetch(`http://127.0.0.1:${processes.ports[index % 4]}/${algorithm}`).then((answer) => answer.status)),
    )
    expect(answers.filter((status) => status === 200)).toHaveLength(50)
    expect(answers.filter((status) => status === 429)).toHaveLength(150)
  }
  await forgetKeys(name)
})

/** LIMIT_REQUESTS=1000000 runs as many as the promise speaks of. */
const requests = Number(process.env['LIMIT_REQUESTS'] ?? 60_000)

redisTest(`of ${requests} attempts by 4 processes none is admitted above a limit`, { timeout: 600_000 }, async () => {
  const name = `test-${randomUUID()}`
  await using processes = await startProcesses(name, { REDIS_URL: redisUrl })
  const subjects = 10
  const limit = Math.floor(requests / subjects / 2)
  const results = await Promise.all([0, 1, 2, 3].map((child) => processes.ask(child, { attempts: requests / 4, subjects, limit })))
  const admitted = new Map<string, number>()
  for (const result of results) for (const [subject, count] of Object.entries(result)) admitted.set(subject, (admitted.get(subject) ?? 0) + count)
  expect([...admitted.values()]).toEqual(Array.from({ length: subjects }, () => limit))
  await forgetKeys(name)
})

redisTest('an address that causes too many errors is kept out by every process', async () => {
  const name = `test-${randomUUID()}`
  await using processes = await startProcesses(name, { REDIS_URL: redisUrl })
  const ask = (child: number, path: string) => fetch(`http://127.0.0.1:${processes.ports[child]}${path}`).then((answer) => answer.status)
  const scanned = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index % 4, `/nothing/${index}`)))
  expect(scanned.filter((status) => status === 404)).toHaveLength(20)
  expect(scanned.filter((status) => status === 429)).toHaveLength(20)
  // Each process asks what the others know at most once a second.
  for (let child = 0; child < 4; child++) await expect.poll(() => ask(child, '/plain'), { timeout: 3_000 }).toBe(429)
  expect(await ask(0, '/health/live')).toBe(200)
  await forgetKeys(name)
})
