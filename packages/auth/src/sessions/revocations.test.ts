import { database, type Database } from '@glueful/database'
import { describeDialects, testDatabase } from '@glueful/database/testing'
import { createApp, systemClock, type Logger } from 'glueful'
import { testApp } from 'glueful/testing'
import { describe, expect, test, vi } from 'vitest'
import { auth } from '../auth-extension.ts'
import { authRoutes } from '../routes/auth-routes.ts'
import { authUnderTest, bearer } from '../testing/auth-under-test.fixture.ts'
import { memoryUsers, someUsers } from '../testing/some-users.fixture.ts'
import { Tokens } from '../tokens/tokens.ts'
import { createRevocations } from './revocations.ts'

/** Another process of the same application, as far as the database can tell. */
function neighbour(url: string, migrateOnStart = true, env = {}) {
  const app = createApp({ name: 'shop', extensions: [database({ migrateOnStart }), auth({ users: memoryUsers(someUsers()) })], routes: authRoutes() })
  return testApp(app, { env: { DATABASE_URL: url, ...env } })
}

await describeDialects(describe, (target) => {
  test('a session that ends in one process is refused by the others a moment later', async () => {
    await using it = await authUnderTest(target)
    await using other = await neighbour(it.url)
    const { accessToken } = await it.tokens()
    const ask = async () => (await other.fetch('/auth/me', bearer(accessToken))).status
    expect(await ask()).toBe(200)
    expect((await it.send('POST', '/auth/logout', bearer(accessToken))).status).toBe(204)
    await vi.waitFor(async () => expect(await ask()).toBe(401), { interval: 20 })
  })

  test('a process that starts later knows what ended before', async () => {
    await using it = await authUnderTest(target)
    const { accessToken } = await it.tokens()
    await it.send('POST', '/auth/logout', bearer(accessToken))
    await using other = await neighbour(it.url)
    expect((await other.fetch('/auth/me', bearer(accessToken))).status).toBe(401)
  })
})

test('as long as nobody knows which sessions ended, tokens are not accepted, and the application is not ready', async () => {
  await using db = await testDatabase('sqlite')
  const env = { JWT_SECRET: 'a secret of this service, long enough' }
  await using early = await neighbour(db.url, false, env)
  const { token } = await early.app.use(Tokens).issue({ subject: '2' })
  const refused = await early.fetch('/auth/me', bearer(token))
  expect([refused.status, ((await refused.json()) as { code: string }).code, refused.headers.get('retry-after')]).toEqual([503, 'AUTH_NOT_READY', '1'])
  expect((await early.fetch('/health/ready')).status).toBe(503)
  await using migrated = await neighbour(db.url, true, env)
  expect((await migrated.fetch('/auth/me', bearer(token))).status).toBe(200)
  await vi.waitFor(async () => expect((await early.fetch('/auth/me', bearer(token))).status).toBe(200), { interval: 20 })
  early.clock.advance(10_000)
  expect((await early.fetch('/health/ready')).status).toBe(200)
})

test('once it has stopped, nothing is asked of a database that may be closed, also when Redis joins only then', async () => {
  const asked: number[] = []
  let join: () => void = () => undefined
  const db = {
    all: async () => {
      asked.push(1)
      return []
    },
  } as unknown as Database
  const channel = { announce: () => undefined, start: (_: unknown, joined: () => void) => void (join = joined) }
  const log = { error: () => undefined } as unknown as Logger
  const revocations = createRevocations({ db, clock: systemClock, log, tokenLifetime: 60_000, channel })
  await revocations.start()
  join()
  expect(asked).toHaveLength(2)
  await revocations.stop()
  join()
  expect(asked).toHaveLength(2)
})
