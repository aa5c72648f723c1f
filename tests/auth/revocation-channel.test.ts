import { randomUUID } from 'node:crypto'
import { auth, authRoutes, KeyStore, Sessions } from '@glueful/auth'
import { database, Database, sql } from '@glueful/database'
import { testDatabase, type TestDatabase } from '@glueful/database/testing'
import { createApp, Redis } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test, vi } from 'vitest'
import { Revocations } from '../../packages/auth/src/sessions/revocations.ts'
import { memoryUsers, someUsers } from '../../packages/auth/src/testing/some-users.fixture.ts'
import { Tokens } from '../../packages/auth/src/tokens/tokens.ts'
import { redisTest, redisUrl, startRedis } from '../redis/redis-server.ts'

const device = { ip: '192.0.2.1', userAgent: 'test' }

/** A process of an application; those of one name share a Redis, and a database only if they are given the same. */
function processOf(name: string, db: TestDatabase, redis: string | undefined) {
  const app = createApp({ name, extensions: [database({ migrateOnStart: true }), auth({ users: memoryUsers(someUsers()) })], routes: authRoutes() })
  const env = { DATABASE_URL: db.url, JWT_SECRET: 'a secret of this service, long enough', ...(redis === undefined ? {} : { REDIS_URL: redis }) }
  return testApp(app, { env })
}

type Process = Awaited<ReturnType<typeof processOf>>

/** A session and its access token. */
async function login({ app }: Process) {
  const { session } = await app.use(Sessions).open('token', '2', device)
  return { id: session.id, token: (await app.use(Tokens).issue({ subject: '2', session: session.id })).token }
}
const ask = async ({ fetch }: Process, token: string) => (await fetch('/auth/me', { headers: { authorization: `Bearer ${token}` } })).status
const refuses = (process: Process, token: string) => vi.waitFor(async () => expect(await ask(process, token)).toBe(401), { interval: 10, timeout: 5_000 })

/** Ends sessions of `from` until `to` hears of one: it has subscribed by then. */
async function untilHeard(from: Process, to: Process): Promise<void> {
  await vi.waitFor(
    async () => {
      const { id } = await login(from)
      await from.app.use(Sessions).end(id, 'test')
      await vi.waitFor(() => expect(to.app.use(Revocations).has(id)).toBe(true), { interval: 5, timeout: 50 })
    },
    { interval: 20, timeout: 15_000 },
  )
}

describe('ended sessions', () => {
  redisTest('are known to processes that the database would never tell', async () => {
    await using first = await testDatabase('sqlite')
    await using second = await testDatabase('sqlite')
    const name = `test-${randomUUID()}`
    await using one = await processOf(name, first, redisUrl)
    await using other = await processOf(name, second, redisUrl)
    await untilHeard(one, other)
    const { token } = await login(one)
    expect(await ask(other, token)).toBe(200)
    await one.fetch('/auth/logout', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    await refuses(other, token)

    const devices = await Promise.all(Array.from({ length: 3 }, () => login(one)))
    await one.app.use(Sessions).endAll('2', 'test')
    for (const each of devices) await refuses(other, each.token)
  })

  redisTest('of a transaction that is rolled back are not announced', async () => {
    await using first = await testDatabase('sqlite')
    await using second = await testDatabase('sqlite')
    const name = `test-${randomUUID()}`
    await using one = await processOf(name, first, redisUrl)
    await using other = await processOf(name, second, redisUrl)
    await untilHeard(one, other)
    const { id, token } = await login(one)
    const work = one.app.use(Database).transaction(async () => {
      await one.app.use(Sessions).end(id, 'test')
      throw new Error('undone')
    })
    await expect(work).rejects.toThrow('undone')
    await untilHeard(one, other)
    expect([await ask(one, token), await ask(other, token)]).toEqual([200, 200])
  })

  redisTest('are known without Redis, from the database, and again by Redis once it is back', async () => {
    await using redis = await startRedis()
    await using first = await testDatabase('sqlite')
    await using second = await testDatabase('sqlite')
    const name = `test-${randomUUID()}`
    await using one = await processOf(name, first, redis.url)
    await using same = await processOf(name, first, redis.url)
    await using apart = await processOf(name, second, redis.url)
    await untilHeard(one, apart)
    await redis.kill()
    const lost = await login(one)
    expect(await ask(same, lost.token)).toBe(200)
    await one.app.use(Sessions).end(lost.id, 'test')
    await refuses(same, lost.token)
    expect(await ask(apart, lost.token)).toBe(200)
    await redis.restart()
    await untilHeard(one, apart)
  })

  redisTest('that nobody ended, and messages of others, neither fill the memory nor stop the next', async () => {
    await using first = await testDatabase('sqlite')
    await using second = await testDatabase('sqlite')
    const name = `test-${randomUUID()}`
    await using one = await processOf(name, first, redisUrl)
    await using other = await processOf(name, second, redisUrl)
    await untilHeard(one, other)
    const redis = one.app.use(Redis)
    const channel = redis.key('auth', 'ended-sessions')
    const forged = Array.from({ length: 15_000 }, () => randomUUID())
    for (const nonsense of ['', '{', 'null', '7', '"x"', '{"ids":[]}', '[7]', '["x"]', JSON.stringify(forged.slice(0, 1_001)), `["${'x'.repeat(100_000)}"]`])
      await redis.client.publish(channel, nonsense)
    for (let at = 0; at < forged.length; at += 1_000) await redis.client.publish(channel, JSON.stringify(forged.slice(at, at + 1_000)))
    const revocations = other.app.use(Revocations)
    const known = () => forged.filter((id) => revocations.has(id)).length
    await vi.waitFor(() => expect(known()).toBeGreaterThan(9_000), { interval: 20, timeout: 5_000 })
    expect(known()).toBeLessThanOrEqual(10_000)
    // The database knows of none of them: they are forgotten, and there is room for others.
    other.clock.advance(120_000)
    await revocations.refresh()
    expect(known()).toBe(0)
    await untilHeard(one, other)
    expect(other.logs().filter(({ msg }) => msg.includes('channel of ended sessions'))).toHaveLength(1)
  })
})

describe('retired keys', () => {
  test('verify nothing in other processes a moment later', async () => {
    await using place = await testDatabase('sqlite')
    const open = () =>
      testApp(createApp({ name: 'shop', extensions: [database({ migrateOnStart: true }), auth({ users: memoryUsers(someUsers()) })], routes: authRoutes() }), {
        env: { DATABASE_URL: place.url },
      })
    await using one = await open()
    await using other = await open()
    const { token } = await login(one)
    expect(await ask(other, token)).toBe(200)
    const [key] = await place.db.all<{ kid: string }>(sql`select kid from auth_keys`)
    await one.app.use(KeyStore).retire(key?.kid ?? '')
    await one.app.use(KeyStore).generate()
    one.clock.advance(1)
    other.clock.advance(1)
    await refuses(other, token)
  })
})
