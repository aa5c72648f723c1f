import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sql } from '@glueful/database'
import { describeDialects, testDatabase, type TestDatabase } from '@glueful/database/testing'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { redisTest, redisUrl } from '../redis/redis-server.ts'

const program = fileURLToPath(new URL('./price-server.ts', import.meta.url))

/** A process that keeps prices in its cache. */
async function startServer(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--conditions=glueful-source', program], {
    env: { PATH: process.env['PATH'] ?? '', APP_ENV: 'test', LOG_LEVEL: 'fatal', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"url"')) url = (JSON.parse(line) as { url: string }).url
    if (url !== undefined) break
  }
  if (url === undefined) throw new TypeError(`A server ended with ${String(await exited)}`)
  const post = async (path: string) => {
    const answer = await fetch(`${url}/${path}`, { method: 'POST' })
    expect([path, answer.status]).toEqual([path, answer.ok ? answer.status : 200])
  }
  return {
    kept: async () => Number(await (await fetch(`${url}/kept`)).text()),
    post,
    stop: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Two processes of one application, each with a cache of `store`, on a price of 100. */
async function openPrices(dialect: TestDatabase['dialect'], env: Readonly<Record<string, string>>) {
  const place = await testDatabase(dialect)
  await place.db.script('create table prices (id integer primary key, amount integer not null)')
  await place.db.run(sql`insert into prices (id, amount) values (1, 100)`)
  const name = `prices-${randomUUID()}`
  const started = await Promise.allSettled([1, 2].map(() => startServer({ DATABASE_URL: place.url, PRICE_APP: name, ...env })))
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const close = async () => {
    for (const server of servers) await server.stop()
    if (env['CACHE_STORE'] === 'redis') await forget(name)
    await place.close()
  }
  const [one, two] = servers
  if (one === undefined || two === undefined) {
    await close()
    throw new TypeError('A server did not start')
  }
  // As another program changes it, of which the application hears nothing.
  const setBehind = (amount: number) => place.db.run(sql`update prices set amount = ${amount} where id = 1`)
  return { one, two, setBehind, [Symbol.asyncDispose]: close }
}

async function forget(name: string): Promise<void> {
  const client = new Redis(redisUrl)
  const keys = await client.keys(`${name}:*`)
  if (keys.length > 0) await client.unlink(...keys)
  await client.quit()
}

await describeDialects(
  describe,
  ({ dialect }) => {
    for (const [store, run, more] of [
      ['redis', redisTest, { REDIS_URL: redisUrl }],
      ['database', test, {}],
    ] as const) {
      const open = () => openPrices(dialect, { CACHE_STORE: store, ...more })

      run(`${store}: what one process keeps serves the other, until the write of either is acknowledged`, async () => {
        await using prices = await open()
        const { one, two, setBehind } = prices
        expect(await one.kept()).toBe(100)
        await setBehind(150)
        expect([await two.kept(), await one.kept()]).toEqual([100, 100])
        await one.post('raise')
        expect([await two.kept(), await one.kept()]).toEqual([151, 151])
        await setBehind(160)
        expect([await two.kept(), await one.kept()]).toEqual([151, 151])
        await two.post('raise')
        expect([await one.kept(), await two.kept()]).toEqual([161, 161])
        await setBehind(170)
        await two.post('clear')
        expect([await one.kept(), await two.kept()]).toEqual([170, 170])
      })

      run(`${store}: a transaction of one process shows in the other when it has committed, and never when it is rolled back`, async () => {
        await using prices = await open()
        const { one, two } = prices
        expect(await two.kept()).toBe(100)
        await one.post('begin')
        expect([await one.kept(), await two.kept()]).toEqual([100, 100])
        await one.post('rollback')
        expect([await one.kept(), await two.kept()]).toEqual([100, 100])
        await one.post('begin')
        expect([await one.kept(), await two.kept()]).toEqual([100, 100])
        await one.post('commit')
        expect([await two.kept(), await one.kept()]).toEqual([101, 101])
      })

      run(`${store}: who asks either process after a write was acknowledged sees it, however many read and write at once`, async () => {
        await using prices = await open()
        const servers = [prices.one, prices.two] as const
        const rounds = 40
        let acknowledged = 100
        let writing = true
        const write = async () => {
          for (let round = 0; round < rounds; round++) {
            await (round % 2 === 0 ? prices.one : prices.two).post(round % 3 === 0 ? 'raise-in-transaction' : 'raise')
            acknowledged++
          }
        }
        const read = async (server: typeof prices.one) => {
          while (writing) {
            const floor = acknowledged
            expect(await server.kept()).toBeGreaterThanOrEqual(floor)
          }
        }
        await Promise.all([write().finally(() => (writing = false)), ...servers.flatMap((server) => [read(server), read(server), read(server)])])
        for (const server of servers) expect(await server.kept()).toBe(100 + rounds)
      })
    }

    redisTest('redis with copies in each process: whoever wrote sees it at once, the other when it has heard', async () => {
      await using prices = await openPrices(dialect, { CACHE_STORE: 'redis', REDIS_URL: redisUrl, CACHE_LOCAL_LIMIT: '1mb' })
      const { one, two } = prices
      expect([await one.kept(), await two.kept()]).toEqual([100, 100])
      for (let amount = 101; amount <= 110; amount++) {
        await one.post('raise')
        expect(await one.kept()).toBe(amount)
        await expect.poll(() => two.kept()).toBe(amount)
      }
    })

    test('memory: a process hears nothing of the other, and serves what it kept until its time is over', async () => {
      await using prices = await openPrices(dialect, { CACHE_STORE: 'memory' })
      const { one, two } = prices
      expect([await one.kept(), await two.kept()]).toEqual([100, 100])
      await one.post('raise')
      expect([await one.kept(), await two.kept()]).toEqual([101, 100])
      await two.post('raise')
      expect([await one.kept(), await two.kept()]).toEqual([101, 102])
      await one.post('clear')
      expect(await one.kept()).toBe(102)
    })

    test('memory: what another process wrote shows when the time of what was kept is over', async () => {
      await using prices = await openPrices(dialect, { CACHE_STORE: 'memory', PRICE_TTL: '500ms' })
      await prices.two.kept()
      await prices.one.post('raise')
      await expect.poll(() => prices.two.kept()).toBe(101)
    })
  },
  ['postgres'],
)
