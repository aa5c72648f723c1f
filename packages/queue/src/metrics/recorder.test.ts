import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createFrozenClock, createMetrics } from 'glueful/testing'
import type { Logger } from 'glueful'
import { expect, test } from 'vitest'
import type { Delivery, Engine } from '../engine/engine.ts'
import type { Resolution, StoredNumbers } from './job-metrics.ts'
import type { MetricsStore, NumbersRow } from './metrics-store.ts'
import { Numbers } from './numbers.ts'
import { createRecorder } from './recorder.ts'

/** A recorder whose store shows what it was given, and may be away. */
function open() {
  const clock = createFrozenClock(Date.UTC(2026, 0, 1, 12))
  const written = new Map<string, NumbersRow>()
  const away = { is: false }
  const store = {
    together: (work) => work(),
    write: async (rows) => {
      if (away.is) throw new Error('away')
      const keys = rows.map(({ job, resolution, at, source }) => `${job} ${resolution} ${at} ${source}`)
      // As one statement would refuse it.
      expect(new Set(keys).size).toBe(rows.length)
      for (const [index, key] of keys.entries()) written.set(key, rows[index] as NumbersRow)
    },
    writeDepths: async () => {},
    writeHost: async () => {},
    prune: async () => {},
  } satisfies Partial<MetricsStore> as unknown as MetricsStore
  const unseen = { is: false }
  const depths = async () => {
    if (unseen.is) throw new Error('unseen')
    return []
  }
  const engine = { name: 'database', depths, workers: async () => [] } as unknown as Engine
  const recorder = createRecorder({ store, engine, metrics: createMetrics(), clock, log: {} as Logger, queues: [], deadLetters: async () => new Map() })
  let count = 0
  const run = (runMs: number, job = 'work', waitedMs = 0, tookMs = runMs) => {
    const delivery = { id: String(++count), job, queue: 'default', runAt: clock.now() - waitedMs } as Delivery
    recorder.observer.started(delivery, clock.monotonic())
    clock.advance(runMs)
    recorder.observer.ended({ kind: 'complete', delivery }, tookMs, clock.monotonic())
  }
  /** By time, those of all sources together. */
  const kept = (resolution: Resolution) => {
    const times = new Map<number, Numbers>()
    for (const row of written.values()) {
      if (row.resolution !== resolution) continue
      const numbers = times.get(row.at) ?? new Numbers()
      numbers.merge(Numbers.from(JSON.parse(row.numbers) as StoredNumbers))
      times.set(row.at, numbers)
    }
    return [...times].sort(([a], [b]) => a - b)
  }
  const completed = (resolution: Resolution) => kept(resolution).map(([at, { attempts }]) => [at, attempts[0]])
  return { clock, recorder, run, kept, completed, away, unseen }
}

test('attempts count in the second of the wall in which they start and end, also when the clock of the wall is set meanwhile', async () => {
  const { clock, recorder, run, kept } = open()
  const begun = clock.now()
  run(10)
  run(980, 'work', 500)
  run(25)
  clock.set(begun + 600_000)
  clock.advance(60)
  run(1)
  await recorder.flush()
  const seconds = kept(1)
  expect(seconds.map(([at, { wait, attempts }]) => [at - begun, wait.count, attempts[0]])).toEqual([
    [0, 3, 2],
    [1_000, 0, 1],
    [600_000, 1, 1],
  ])
  expect(seconds[0]?.[1].wait.max).toBeCloseTo(0.5, 3)
  expect(seconds[0]?.[1].run.max).toBeCloseTo(0.98, 3)
})

test('every attempt is in its second, its minute and its hour once, however often and whenever that is written', async () => {
  const { clock, recorder, run, completed, away } = open()
  const begun = clock.now()
  const every = { second: new Map<number, number>(), minute: new Map<number, number>(), hour: new Map<number, number>() }
  const count = (times: Map<number, number>, ms: number) => {
    const at = Math.floor(clock.now() / ms) * ms
    times.set(at, (times.get(at) ?? 0) + 1)
  }
  for (let step = 0; step < 400; step++) {
    clock.advance(step % 50 === 49 ? 1_700_000 : ([1, 250, 900, 4_000][step % 4] as number))
    run(0)
    count(every.second, 1_000)
    count(every.minute, 60_000)
    count(every.hour, 3_600_000)
    away.is = step % 7 > 3
    if (step % 3 === 0) await recorder.flush().catch(() => {})
  }
  away.is = false
  await recorder.flush()
  await recorder.flush()
  expect(clock.now() - begun).toBeGreaterThan(3 * 3_600_000)
  expect(completed(1)).toEqual([...every.second])
  expect(completed(60)).toEqual([...every.minute])
  expect(completed(3_600)).toEqual([...every.hour])
})

test('when the clock is set back, what was written of the times that come again stays', async () => {
  const { clock, recorder, run, completed } = open()
  const begun = clock.now()
  for (let index = 0; index < 10; index++) run(0)
  clock.advance(30_000)
  run(0)
  await recorder.flush()
  clock.set(begun - 10_000)
  clock.advance(60)
  run(0)
  clock.set(begun)
  clock.advance(60)
  run(0)
  await recorder.flush()
  expect(completed(3_600)).toEqual([
    [begun - 3_600_000, 1],
    [begun, 12],
  ])
  expect(completed(60).at(-1)).toEqual([begun, 12])
})

test('numbers are written also while depths cannot be seen', async () => {
  const { recorder, run, completed, unseen } = open()
  unseen.is = true
  run(1)
  await expect(recorder.flush()).rejects.toThrow('unseen')
  expect(completed(60).map(([, count]) => count)).toEqual([1])
  unseen.is = false
  run(1)
  await recorder.flush()
  expect(completed(60).map(([, count]) => count)).toEqual([2])
})

test('a thousand classes that all work take less than 50 MB', async () => {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  const used = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return (heapUsed + external) / 1e6
  }
  const { clock, recorder, run } = open()
  const before = used()
  for (let second = 0; second < 5; second++) {
    for (let index = 0; index < 1_000; index++) {
      const factor = Math.exp((index + second) % 8)
      for (let time = 0; time < 10; time++) run(0, `class-${index}`, factor * (1 + time / 3), factor * (1 + time / 5))
    }
    clock.advance(1_000)
  }
  const held = used() - before
  expect(held).toBeLessThan(50)
  await recorder.flush()
})
