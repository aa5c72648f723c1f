import { randomUUID } from 'node:crypto'
import { Database, database, sql } from '@glueful/database'
import { createApp, Locks, Redis, SharedLocks } from 'glueful'
import { testApp } from 'glueful/testing'
import { expect, test } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

async function open(extensions: readonly ReturnType<typeof database>[], env: Record<string, string> = {}) {
  const opened = await testApp(createApp({ name: `test-${randomUUID()}`, routes: {}, extensions }), { env })
  const { app } = opened
  return { app, own: app.use(Locks), shared: app.use(SharedLocks), fetch: opened.fetch, [Symbol.asyncDispose]: opened.close }
}

test('where a process seems to be alone, shared locks are in the database all the same, and are counted with the others', async () => {
  await using opened = await open([database()])
  await opened.own.lock('x')
  const held = await opened.shared.lock('x')
  expect(await opened.shared.tryLock('x')).toBeUndefined()
  await held.release()
  expect(await opened.shared.withLock('x', {}, ({ name }) => name)).toBe('x')
  expect(await opened.app.use(Database).all(sql`select name from glueful_locks`)).toEqual([{ name: 'x' }])
  expect(await (await opened.fetch('/metrics')).text()).toContain('glueful_locks_total{outcome="acquired"} 3')
})

test.for([
  ['the database is chosen', [database()], { LOCK_STORE: 'database' }],
  ['there is no database', [], {}],
] as const)('shared locks are those of the application where %s', async ([, extensions, env]) => {
  await using opened = await open([...extensions], env)
  await opened.own.lock('x')
  expect(await opened.shared.tryLock('x')).toBeUndefined()
})

redisTest('shared locks are those of Redis where there is one', async () => {
  await using opened = await open([database()], { REDIS_URL: redisUrl })
  await using lock = await opened.own.lock('x')
  expect(await opened.shared.tryLock('x')).toBeUndefined()
  await lock.release()
  const { client, key } = opened.app.use(Redis)
  await client.del(key('lock-tokens'), key('lock', 'x'))
})
