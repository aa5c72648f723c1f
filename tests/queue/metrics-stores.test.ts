import { databaseServers, testDatabase } from '@glueful/database/testing'
import { createApp, Redis, type Clock } from 'glueful'
import { expect, test as plainTest } from 'vitest'
import type { HostRecord } from '../../packages/queue/src/metrics/job-metrics.ts'
import type { MetricsStore, NumbersRow } from '../../packages/queue/src/metrics/metrics-store.ts'
import { Numbers } from '../../packages/queue/src/metrics/numbers.ts'
import { createDatabaseMetricsStore } from '../../packages/queue/src/metrics/stores/database-metrics-store.ts'
import { createRedisMetricsStore } from '../../packages/queue/src/metrics/stores/redis-metrics-store.ts'
import { queueMigrations } from '../../packages/queue/src/queue/queue-migrations.ts'
import { noOwnRedis, startRedis } from '../redis/redis-server.ts'

/** A store of a test's own, and what ends it. */
type OpenStore = (clock: Clock) => Promise<{ readonly store: MetricsStore } & AsyncDisposable>

const begin = Date.UTC(2026, 0, 1, 12)

function row(source: string, at: number, seconds: readonly number[], more: Partial<NumbersRow> = {}): NumbersRow {
  const counted = new Numbers()
  for (const one of seconds) {
    counted.count('completed')
    counted.run.add(one)
  }
  return { resolution: 1, at, job: 'work', queue: 'default', connection: 'database', source, numbers: counted.encode(), ...more }
}

/** What every store of numbers does, wherever it keeps them. */
function describeStore(title: string, open: OpenStore, isSkipped: boolean): void {
  const test = plainTest.skipIf(isSkipped)
  const name = (text: string) => `${text} (${title})`
  async function opened() {
    let now = begin
    const made = await open({ now: () => now, monotonic: () => now })
    return { ...made, now: () => now, pass: (ms: number) => void (now += ms), [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() }
  }

  test(name('numbers of several processes merge, step by step and as a whole'), async () => {
    await using one = await opened()
    const { store, now } = one
    await store.write([row('p1', now() - 2_000, [1, 2]), row('p2', now() - 2_000, [3]), row('p1', now() - 1_000, [4])])
    await store.write([row('p1', now() - 1_000, [4, 5])])
    await store.write([])
    const [summary, ...others] = await store.summary({ from: now() - 10_000, to: now() })
    expect(others).toEqual([])
    expect(summary).toMatchObject({ job: 'work', queue: 'default', connection: 'database', attempts: { completed: 5 }, throughputPerSecond: 0.5 })
    expect(summary?.runSeconds?.p50).toBeCloseTo(3, 1)
    expect((await store.series({ from: now() - 10_000, to: now(), resolution: 1 })).map(({ at, attempts }) => [now() - at, attempts.completed])).toEqual([
      [2_000, 3],
      [1_000, 2],
    ])
  })

  test(name('a window begins with its first moment and ends before its last, and may be of one class or queue'), async () => {
    await using one = await opened()
    const { store, now } = one
    const times = [-180_000, -61_000, -60_000, -1_000, 0]
    await store.write(times.map((at) => row('p1', now() + at, [1])))
    await store.write([row('p1', now() - 1_000, [1, 1], { queue: 'b/c.d' }), row('p1', now() - 1_000, [1, 1, 1], { job: 'other-job' })])
    const at = async (from: number, to: number) =>
      (await store.series({ from: now() + from, to: now() + to, resolution: 1, queue: 'default', job: 'work' })).map((found) => found.at - now())
    expect(await at(-180_000, 1)).toEqual(times)
    expect(await at(-61_000, -1_000)).toEqual([-61_000, -60_000])
    expect(await at(-60_999, 0)).toEqual([-60_000, -1_000])
    expect(await at(-5, 0)).toEqual([])
    const classes = async (more: { queue?: string; job?: string }) =>
      (await store.summary({ from: now() - 2_000, to: now() + 1, ...more })).map(({ job, queue, attempts }) => `${queue} ${job} ${attempts.completed}`)
    expect(await classes({})).toEqual(['b/c.d work 2', 'default other-job 3', 'default work 2'])
    expect(await classes({ queue: 'b/c.d' })).toEqual(['b/c.d work 2'])
    expect(await classes({ job: 'other-job' })).toEqual(['default other-job 3'])
    expect(await classes({ queue: 'none' })).toEqual([])
  })

  test(name('hundreds of rows are written at once'), async () => {
    await using one = await opened()
    const { store, now } = one
    const rows = Array.from({ length: 1_250 }, (_, index) => row('p1', now() - 1_000 * Math.floor(index / 50), [1], { job: `work-${index % 50}` }))
    await store.together(() => store.write(rows))
    const found = await store.summary({ from: now() - 25_000, to: now() + 1 })
    expect(found).toHaveLength(50)
    expect(found.every(({ attempts }) => attempts.completed === 25)).toBe(true)
  })

  test(name('what is usual is that of the hours of seven days; each resolution goes after its own time'), async () => {
    await using one = await opened()
    const { store, now, pass } = one
    const hour = (ago: number, seconds: readonly number[]) => row('p1', now() - ago * 3_600_000, seconds, { resolution: 3_600 })
    await store.write([row('p1', now() - 1_000, [1]), row('p1', now() - 60_000, [1], { resolution: 60 })])
    const dayOf = (ago: number, seconds: readonly number[]) =>
      row('p1', Math.floor((now() - ago * 3_600_000) / 86_400_000) * 86_400_000, seconds, { resolution: 86_400 })
    await store.write([hour(1, [1, 1, 1, 1]), hour(2, [1, 1]), hour(24 * 8, [9, 9, 9])])
    await store.write([dayOf(0, [1, 1, 1, 1, 1, 1]), dayOf(24 * 8, [9, 9, 9])])
    expect(await store.baselines()).toMatchObject([{ job: 'work', samples: 6, perHour: 3, failureRatio: 0 }])
    const kept = async (resolution: 1 | 60 | 3_600) => (await store.series({ from: 0, to: now(), resolution })).length
    const after = async (ms: number) => {
      pass(ms)
      await store.prune(now())
      return [await kept(1), await kept(60), await kept(3_600)]
    }
    expect(await after(0)).toEqual([1, 1, 3])
    expect(await after(16 * 60_000)).toEqual([0, 1, 3])
    expect(await after(48 * 3_600_000)).toEqual([0, 0, 3])
    expect(await after(85 * 86_400_000)).toEqual([0, 0, 2])
    expect(await after(5 * 86_400_000)).toEqual([0, 0, 0])
  })

  test(name('a summary is made of rows of several lengths, and of each time once'), async () => {
    await using one = await opened()
    const { store, now } = one
    const all = [1, 60, 3_600, 86_400] as const
    const kept = { 1: 900, 60: 172_800, 3_600: 90 * 86_400, 86_400: 90 * 86_400 }
    const ended = new Map<string, { readonly resolution: (typeof all)[number]; readonly at: number; count: number }>()
    const agos = [1, 61, 200, 299, 301, 899, 3_000, 3_700, 7_100, 36_100, 80_000, 200_000, 600_000, 700_000]
    for (const ago of agos) {
      for (const resolution of all) {
        if (ago > kept[resolution]) continue
        const at = Math.floor((now() - ago * 1_000) / (resolution * 1_000)) * resolution * 1_000
        const found = ended.get(`${resolution} ${at}`) ?? { resolution, at, count: 0 }
        ended.set(`${resolution} ${at}`, { ...found, count: found.count + 1 })
      }
    }
    await store.write(
      [...ended.values()].map(({ resolution, at, count }) =>
        row(
          'p1',
          at,
          Array.from({ length: count }, () => 1),
          { resolution },
        ),
      ),
    )
    for (const seconds of [2, 100, 300, 900, 3_600, 7_200, 40_000, 86_400, 300_000, 604_800]) {
      const found = (await store.summary({ from: now() - seconds * 1_000, to: now() })).map(({ attempts }) => attempts.completed)
      expect([seconds, found]).toEqual([seconds, [agos.filter((ago) => ago <= seconds).length]])
    }
  })

  test(name('depths are kept by time and queue, the later word on both counts, and go after two days'), async () => {
    await using one = await opened()
    const { store, now, pass } = one
    await store.writeDepths([], now())
    await store.writeDepths([{ queue: 'a', states: { waiting: 1 }, oldestAt: undefined, paused: false }], now() - 3_600_000)
    const busy = { queue: 'b', states: { waiting: 2, grouped: 3, suspect: 1, delayed: 4, active: 5, done: 9 }, oldestAt: now() - 2_500, paused: false }
    await store.writeDepths([busy, { queue: 'a', states: { waiting: 9 }, oldestAt: undefined, paused: true }], now() - 10_000)
    await store.writeDepths([{ queue: 'a', states: {}, oldestAt: undefined, paused: true }], now() - 10_000)
    const samples = await store.depths({ from: now() - 3_600_000, to: now() })
    expect(samples).toEqual([
      { at: now() - 3_600_000, queue: 'a', waiting: 1, delayed: 0, active: 0, oldestSeconds: 0 },
      { at: now() - 10_000, queue: 'a', waiting: 0, delayed: 0, active: 0, oldestSeconds: 0 },
      { at: now() - 10_000, queue: 'b', waiting: 6, delayed: 4, active: 5, oldestSeconds: 2.5 },
    ])
    expect(await store.depths({ from: now() - 3_599_999, to: now() - 10_000 })).toEqual([])
    expect(await store.depths({ from: now() - 20_000, to: now(), queue: 'b' })).toHaveLength(1)
    pass(48 * 3_600_000 - 1_800_000)
    await store.prune(now())
    expect(await store.depths({ from: 0, to: now() })).toHaveLength(2)
    pass(1_800_000)
    await store.prune(now())
    expect(await store.depths({ from: 0, to: now() })).toEqual([])
  })

  test(name('of each host the last look is kept, for a day'), async () => {
    await using one = await opened()
    const { store, now, pass } = one
    const host = (named: string, load1: number): HostRecord => ({
      host: named,
      at: now(),
      cpuRatio: 0.5,
      load1,
      cores: 2,
      memoryUsedBytes: 1,
      memoryTotalBytes: 2,
      diskUsedBytes: 3,
      diskTotalBytes: 4,
      network: { receivedBytesPerSecond: 1, sentBytesPerSecond: 2 },
    })
    await store.writeHost(host('b', 1))
    await store.writeHost(host('a', 2))
    pass(20 * 3_600_000)
    const later = host('b', 3)
    await store.writeHost(later)
    expect((await store.hosts()).map((found) => [found.host, found.load1])).toEqual([
      ['a', 2],
      ['b', 3],
    ])
    pass(5 * 3_600_000)
    await store.prune(now())
    expect(await store.hosts()).toEqual([later])
  })
}

for (const { dialect, title, reachable } of await databaseServers()) {
  const open: OpenStore = async (clock) => {
    const database = await testDatabase(dialect)
    for (const { up } of queueMigrations) await up({ dialect, sql: (text: string) => database.db.script(text) } as never)
    return { store: createDatabaseMetricsStore(database.db, clock), [Symbol.asyncDispose]: () => database.close() }
  }
  describeStore(title, open, !reachable)
}

async function openRedis(clock: Clock) {
  const server = await startRedis()
  const app = createApp({ name: 'metrics-test', routes: {} }).with({ environment: 'test', env: { REDIS_URL: server.url, LOG_LEVEL: 'fatal' } })
  await app.ready()
  return {
    app,
    store: createRedisMetricsStore(app.use(Redis), clock),
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

describeStore('Redis', openRedis, noOwnRedis !== undefined)

plainTest.skipIf(noOwnRedis !== undefined)('numbers and depths in Redis go by themselves, a little after their time', async () => {
  await using opened = await openRedis({ now: () => begin, monotonic: () => begin })
  await opened.store.write(([1, 60, 3_600] as const).map((resolution) => row('p1', begin, [1], { resolution })))
  await opened.store.writeDepths([{ queue: 'default', states: { waiting: 1 }, oldestAt: undefined, paused: false }], begin)
  const { client, key } = opened.app.use(Redis)
  const lives = async (pattern: string) => {
    const [name = '', ...others] = await client.keys(key('queue-metrics', pattern))
    expect(others).toEqual([])
    return (await client.pttl(name)) / 3_600_000
  }
  const expectLife = async (pattern: string, hours: number) => {
    const found = await lives(pattern)
    expect(found).toBeGreaterThan(hours - 0.02)
    expect(found).toBeLessThanOrEqual(hours)
  }
  await expectLife('numbers:1:*', 0.25 + 1 / 60)
  await expectLife('numbers:60:*', 48 + 1)
  await expectLife('numbers:3600:*', 90 * 24 + 60)
  await expectLife('depths:*', 48 + 1)
})
