import { randomUUID } from 'node:crypto'
import { createApp, Locks, Redis } from 'glueful'
import { testApp, type TestAppOptions } from 'glueful/testing'
import { describe, expect, test } from 'vitest'
import { redisTest, redisUrl, startRedis } from '../redis/redis-server.ts'

const open = (options: TestAppOptions = {}, name = `test-${randomUUID()}`) => testApp(createApp({ name, routes: {} }), options)

describe('locks', () => {
  test('withLock lets one at a time in, and gives the lock back when work ends well or badly', async () => {
    await using app = await open()
    const locks = app.app.use(Locks)
    let inside = 0
    let most = 0
    const work = async (fails: boolean) => {
      most = Math.max(most, ++inside)
      await new Promise(setImmediate)
      inside--
      if (fails) throw new RangeError('no')
    }
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => locks.withLock('one', { wait: '10s' }, () => work(index % 3 === 0))))
    expect(most).toBe(1)
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(7)
    expect(await locks.tryLock('one')).toBeDefined()
  })

  test('who does not wait, or not long enough, is told', async () => {
    await using app = await open()
    const locks = app.app.use(Locks)
    await using held = await locks.lock('one')
    expect(held.token).toBeGreaterThan(0)
    expect(await locks.tryLock('one')).toBeUndefined()
    await expect(locks.lock('one', { wait: 20 })).rejects.toMatchObject({ code: 'LOCK_NOT_ACQUIRED', status: 409 })
    const stop = new AbortController()
    const waiting = locks.lock('one', { wait: '1h', signal: stop.signal })
    stop.abort(new RangeError('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  test('a lock that was not prolonged is lost, and its holder knows', async () => {
    await using app = await open()
    const locks = app.app.use(Locks)
    const lock = await locks.lock('one', { ttl: 30 })
    await new Promise((resolve) => lock.signal.addEventListener('abort', resolve))
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' })
    expect(await lock.release()).toBe(false)
    await expect(lock.extend()).rejects.toMatchObject({ code: 'LOCK_LOST' })
    await expect(
      locks.withLock('two', { ttl: 20, extend: false }, ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))),
    ).rejects.toMatchObject({
      code: 'LOCK_LOST',
    })
    expect(await (await app.fetch('/metrics')).text()).toContain('glueful_locks_total{outcome="lost"} 2')
  })

  redisTest('one that prolongs itself outlives its first time', async () => {
    await using app = await open({ env: { REDIS_URL: redisUrl } })
    await using other = await open({ env: { REDIS_URL: redisUrl } }, app.app.definition.name)
    await app.app.use(Locks).withLock('one', { ttl: 150 }, async ({ signal }) => {
      // Twice its time, as the other process sees it.
      expect(await other.app.use(Locks).tryLock('one', { wait: 300 })).toBeUndefined()
      expect(signal.aborted).toBe(false)
    })
    expect(await other.app.use(Locks).tryLock('one', { wait: '5s' })).toBeDefined()
    const { client, key } = other.app.use(Redis)
    await client.del(key('lock-tokens'), key('lock', 'one'))
  })

  test('wrong names and times are refused', async () => {
    await using app = await open()
    const locks = app.app.use(Locks)
    for (const name of ['', 'x'.repeat(201)]) await expect(locks.lock(name)).rejects.toMatchObject({ code: 'LOCK_INVALID' })
    await expect(locks.lock('one', { ttl: 5 })).rejects.toMatchObject({ code: 'LOCK_INVALID' })
    await expect(locks.lock('one', { ttl: '5 s' as never })).rejects.toMatchObject({ code: 'INVALID_DURATION' })
  })

  test('several workers without a common store get no locks', async () => {
    await using app = await open({ env: { WORKERS: '2' } })
    await expect(app.app.use(Locks).lock('one')).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
    await expect(open({ env: { WORKERS: '2', LOCK_STORE: 'memory' } })).rejects.toMatchObject({ code: 'STORE_NOT_SHARED' })
    await expect(open({ env: { LOCK_STORE: 'redis' } })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  redisTest('without Redis nobody has a lock, and who has one loses it in time', async () => {
    await using server = await startRedis()
    await using app = await open({ env: { REDIS_URL: server.url } })
    const locks = app.app.use(Locks)
    const lock = await locks.lock('one', { ttl: 200, extend: true })
    await server.kill()
    await expect(locks.lock('two')).rejects.toMatchObject({ code: 'LOCKS_UNAVAILABLE', status: 503 })
    await new Promise((resolve) => (lock.signal.aborted ? resolve(undefined) : lock.signal.addEventListener('abort', resolve)))
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' })
  })
})
