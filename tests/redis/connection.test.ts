import { randomUUID } from 'node:crypto'
import { createApp, Redis, route, type AppOverrides } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { redisTest, redisUrl, startRedis } from './redis-server.ts'

const open = (url: string, name = `test-${randomUUID()}`, overrides: Omit<AppOverrides, 'clock' | 'logDestination'> = {}) =>
  testApp(createApp({ name, routes: { hello: route.get('/hello', () => 'hello') } }), { env: { REDIS_URL: url }, ...overrides })

describe('REDIS_URL', () => {
  for (const [url, reason] of [
    ['http://127.0.0.1:6379', 'redis://'],
    ['redis://127.0.0.1:6379/cache', '"/cache" is no number'],
    ['redis://127.0.0.1:6379?family=6', 'has parameters'],
    ['redis://:%zz@127.0.0.1', 'percent-encoded'],
    ['redis:///0', 'no host'],
  ] as const) {
    test(`${url} is refused`, async () => {
      const refused = await open(url).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'REDIS_URL_INVALID', message: expect.stringContaining(reason) })
    })
  }

  test('its password is in no message', async () => {
    const refused = await open('redis://user:hunter2@127.0.0.1:6379/x').catch((error: unknown) => error)
    expect(String(refused)).not.toContain('hunter2')
  })
})

describe('the connection', () => {
  test('is there where REDIS_URL is set, and nowhere else', async () => {
    await using app = await testApp(createApp({ name: 'x', routes: {} }))
    expect(() => app.app.use(Redis)).toThrow(expect.objectContaining({ code: 'SERVICE_MISSING' }))
  })

  redisTest('keeps keys of two applications apart', async () => {
    await using one = await open(redisUrl)
    await using other = await open(redisUrl)
    const [first, second] = [one.app.use(Redis), other.app.use(Redis)]
    await first.client.set(first.key('a', 1), 'x', 'EX', 60)
    expect(first.key('a', 1)).toBe(`${first.prefix}a:1`)
    expect(await first.client.get(first.key('a', 1))).toBe('x')
    expect(await second.client.get(second.key('a', 1))).toBeNull()
    await first.client.del(first.key('a', 1))
  })

  redisTest('a duplicate subscribes, and is closed with the application', async () => {
    const app = await open(redisUrl)
    const redis = app.app.use(Redis)
    const subscriber = redis.duplicate()
    const received = new Promise((resolve) => subscriber.on('message', (_channel: string, message: string) => resolve(message)))
    await subscriber.subscribe(redis.key('news'))
    await redis.client.publish(redis.key('news'), 'hello')
    expect(await received).toBe('hello')
    await app.close()
    await expect.poll(() => subscriber.status).toBe('end')
  })

  redisTest('credentials that are refused keep the application from starting', async () => {
    await using server = await startRedis('--requirepass', 'hunter2')
    for (const url of [server.url, server.url.replace('//', '//:wrong@'), `${server.url.replace('//', '//:hunter2@')}/99`]) {
      const refused = await open(url).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'SERVICE_START_FAILED', cause: { code: 'REDIS_UNSUITABLE' } })
      expect(String(refused)).not.toContain('wrong@')
    }
    await using app = await open(server.url.replace('//', '//:hunter2@'))
    expect(app.app.use(Redis).isReady).toBe(true)
  })

  redisTest('a replica keeps it from starting too', async () => {
    await using server = await startRedis('--replicaof', '127.0.0.1 1')
    await expect(open(server.url)).rejects.toMatchObject({ cause: { code: 'REDIS_UNSUITABLE', message: expect.stringContaining('replica') } })
  })

  redisTest('without Redis commands fail at once, health is degraded, and it comes back by itself', async () => {
    await using server = await startRedis()
    await using app = await open(server.url)
    const redis = app.app.use(Redis)
    expect(await (await app.fetch('/health/ready')).json()).toMatchObject({ status: 'ok', checks: { redis: { status: 'ok' } } })
    expect(await (await app.fetch('/metrics')).text()).toContain('glueful_redis_connected 1')
    await server.kill()
    await expect.poll(() => redis.isReady).toBe(false)
    await expect(redis.client.get('x')).rejects.toThrow(/writeable|closed/)
    app.clock.advance(2_000)
    const answer = await app.fetch('/health/ready')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ status: 'degraded', checks: { redis: { status: 'degraded' } } })
    await server.restart()
    await expect.poll(() => redis.isReady).toBe(true)
    expect(await redis.client.ping()).toBe('PONG')
    expect(
      app
        .logs()
        .filter(({ msg }) => msg.includes('Redis'))
        .map(({ msg }) => msg),
    ).toEqual(['Redis cannot be reached; connecting again in the background', 'Redis is back'])
  })

  redisTest('a server that does not answer is given up', { timeout: 15_000 }, async () => {
    await using server = await startRedis()
    await using app = await open(server.url)
    server.process.kill('SIGSTOP')
    try {
      await expect(app.app.use(Redis).client.get('x')).rejects.toThrow(/timed out/)
    } finally {
      server.process.kill('SIGCONT')
    }
  })

  test('an application starts while Redis is away', async () => {
    await using app = await open('redis://127.0.0.1:1')
    expect(app.app.use(Redis).isReady).toBe(false)
    expect((await app.fetch('/hello')).status).toBe(200)
  })
})
