import { randomUUID } from 'node:crypto'
import { createApp, Redis, route, type OnStoreLoss } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect } from 'vitest'
import { redisTest, startRedis, type OwnRedis } from '../redis/redis-server.ts'

const rule = (onStoreLoss: OnStoreLoss) => ({ rateLimit: { attempts: 2, per: '1m', by: 'ip', onStoreLoss } }) as const

const open = (server: OwnRedis) =>
  testApp(
    createApp({
      name: `test-${randomUUID()}`,
      routes: {
        open: route.get('/open', rule('open'), () => 'ok'),
        login: route.get('/login', rule('closed'), () => 'ok'),
        local: route.get('/local', { rateLimit: { attempts: 2, per: '1m', by: 'ip' } }, () => 'ok'),
      },
    }),
    { env: { REDIS_URL: server.url } },
  )
type App = Awaited<ReturnType<typeof open>>

/** Three requests to each route. */
async function askAll(app: App) {
  const statuses: Record<string, number[]> = {}
  for (const path of ['open', 'login', 'local']) {
    statuses[path] = []
    for (let i = 0; i < 3; i++) statuses[path].push((await app.fetch(`/${path}`)).status)
  }
  return statuses
}

const byPolicy = { open: [200, 200, 200], login: [503, 503, 503], local: [200, 200, 429] }

redisTest('when Redis is killed, each rule does what it says, and counts again when Redis is back', async () => {
  await using server = await startRedis()
  await using app = await open(server)
  expect(await askAll(app)).toEqual({ open: [200, 200, 429], login: [200, 200, 429], local: [200, 200, 429] })
  await server.kill()
  expect(await askAll(app)).toEqual(byPolicy)
  const refused = await app.fetch('/login')
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'RATE_LIMIT_UNAVAILABLE' })
  expect((await app.fetch('/open')).headers.has('x-ratelimit-limit')).toBe(false)

  const metrics = await (await app.fetch('/metrics')).text()
  expect(metrics).toContain('glueful_rate_limit_store_lost_total{policy="open"} 4')
  expect(metrics).toContain('glueful_rate_limit_store_lost_total{policy="closed"} 4')
  expect(metrics).toContain('glueful_rate_limit_store_lost_total{policy="local"} 3')
  // Said once, and no refusal is reported as a failure of the application.
  expect(app.logs().filter(({ msg }) => msg.includes('store of the limits'))).toHaveLength(1)
  expect(app.logs().filter(({ msg, level }) => level >= 50 && !msg.includes('store of the limits') && !msg.includes('Redis') && msg !== 'request')).toEqual([])

  await server.restart()
  await expect.poll(() => app.app.use(Redis).isReady).toBe(true)
  await expect.poll(async () => (await app.fetch('/login')).status).toBe(200)
  expect((await app.fetch('/login')).headers.get('x-ratelimit-remaining')).toBe('0')
})

redisTest('a Redis that has stopped answering is given up within 50 ms, and then not waited for', async () => {
  await using server = await startRedis()
  await using app = await open(server)
  // How quick it is has to be known first: the first answers take longer, for want of a compiled program.
  for (let i = 0; i < 40; i++) await app.fetch('/open')
  server.process.kill('SIGSTOP')
  try {
    // Nine requests: one waits its 40 ms, the others know that it is of no use. A machine that is busy may need another try.
    await expect
      .poll(async () => {
        app.clock.advance(120_000)
        const started = performance.now()
        expect(await askAll(app)).toEqual(byPolicy)
        return performance.now() - started
      })
      .toBeLessThan(9 * 40)
  } finally {
    server.process.kill('SIGCONT')
  }
  await expect.poll(async () => (await app.fetch('/login')).status).not.toBe(503)
})
