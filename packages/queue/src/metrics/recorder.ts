import { getHeapStatistics } from 'node:v8'
import type { Clock, Logger, Metrics } from 'glueful'
import type { Delivery, Engine } from '../engine/engine.ts'
import type { WorkerObserver } from '../worker/worker.ts'
import { readHost } from './host.ts'
import { depthStepMs, type MetricsStore } from './metrics-store.ts'
import { createPendingRows } from './pending-rows.ts'
import { createQueuePrometheus } from './prometheus.ts'
import { newSource, Series } from './series.ts'
import { outcomeOf } from './job-metrics.ts'

export interface RecorderOptions {
  readonly store: MetricsStore
  readonly engine: Engine
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Logger
  /** What has gauges before anything was stored in it. */
  readonly queues: readonly string[]
  /** How many dead letters are open, by queue. */
  readonly deadLetters: () => Promise<ReadonlyMap<string, number>>
}

const flushMs = 5_000
const lookMs = depthStepMs
const pruneMs = 60_000
/** How long the wall time goes by the steady clock before it is looked at again. */
const looksMs = 50
/** Of every job class, the most attempts a second whose use of the process is measured. */
const mostMeasured = 20

/**
 * Counts in the process and writes in batches, every five seconds: rows of its own for each second, minute and hour, so
 * that no two processes ever wait for each other's numbers. When the store is away, jobs go on and numbers wait.
 */
export function createRecorder({ store, engine, metrics, clock, log, queues, deadLetters }: RecorderOptions) {
  const prometheus = createQueuePrometheus(metrics, queues)
  const all = new Map<string, Series>()
  const pending = createPendingRows()
  const source = newSource()
  let running = 0
  let measured: { readonly id: string; readonly cpu: NodeJS.CpuUsage; readonly memory: number } | undefined
  let measuredNow = 0
  let measuredSecond = 0
  let seenSteady = -Infinity
  let seenWall = 0
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> = Promise.resolve()
  let lookedAt = -Infinity
  let prunedAt = clock.now()

  // Jobs of one class come in rows, and joining a key for each of them costs more than counting it.
  let last: Series | undefined

  function seriesOf({ job, queue }: Delivery): Series {
    if (last?.job === job && last.queue === queue) return last
    const key = `${queue}\n${job}`
    let series = all.get(key)
    if (series === undefined) all.set(key, (series = new Series(job, queue, engine.name, source, prometheus.series(job, queue))))
    last = series
    return series
  }

  /** By the difference to a time that was read lately: workers have read the steady clock, and each further look costs. */
  function wallTime(steady: number): number {
    if (!(steady - seenSteady < looksMs)) {
      seenSteady = steady
      seenWall = clock.now()
    }
    return seenWall + (steady - seenSteady)
  }

  const memoryNow = () => {
    const { used_heap_size: heap, external_memory: external } = getHeapStatistics()
    return heap + external
  }

  const observer: WorkerObserver = {
    started(delivery, at) {
      running++
      const now = wallTime(at)
      const wait = Math.max(0, now - delivery.runAt) / 1_000
      const series = seriesOf(delivery)
      series.at(now, pending.add).wait.add(wait)
      series.prometheus.wait.observe(wait)
      const second = Math.floor(now / 1_000)
      if (second !== measuredSecond) {
        measuredSecond = second
        measuredNow = 0
      }
      // What the process uses is the job's own only while it runs alone.
      measured = running === 1 && measuredNow++ < mostMeasured ? { id: delivery.id, cpu: process.threadCpuUsage(), memory: memoryNow() } : undefined
    },
    ended(settlement, runMs, at) {
      running--
      const { delivery, kind } = settlement
      const outcome = outcomeOf[kind]
      const use = measured?.id === delivery.id ? { cpu: process.threadCpuUsage(measured.cpu), memory: memoryNow() - measured.memory } : undefined
      measured = undefined
      const series = seriesOf(delivery)
      const numbers = series.at(wallTime(at), pending.add)
      numbers.count(outcome)
      numbers.run.add(runMs / 1_000)
      if (use !== undefined) {
        numbers.cpu.add((use.cpu.user + use.cpu.system) / 1e6)
        numbers.memory.add(Math.max(0, use.memory))
      }
      series.prometheus.run.observe(runMs / 1_000)
      series.prometheus.ended(outcome)
    },
    abandoned() {
      running--
      measured = undefined
    },
  }

  async function flush(): Promise<void> {
    const now = clock.now()
    seenSteady = -Infinity
    for (const [key, series] of all) {
      series.collect(now, pending.add)
      if (series.isIdle) all.delete(key)
    }
    last = undefined
    const isLook = now - lookedAt >= lookMs
    // What is counted while it is written is written the next time.
    const rows = pending.take()
    // Depths may be kept elsewhere than numbers: those are written also where the others cannot be seen.
    const [depths, host] = isLook ? await Promise.allSettled([look(now), readHost(now)]) : []
    const unseen = [depths, host].find((one) => one?.status === 'rejected')
    try {
      if (rows.length > 0 || isLook) {
        await store.together(async () => {
          if (rows.length > 0) await store.write(rows)
          if (depths?.status === 'fulfilled') await store.writeDepths(depths.value, Math.floor(now / lookMs) * lookMs)
          if (host?.status === 'fulfilled') await store.writeHost(host.value)
        })
      }
      if (isLook && unseen === undefined) lookedAt = now
    } catch (error) {
      const givenUp = pending.giveBack(rows)
      if (givenUp > 0) log.warn({ rows: givenUp }, 'Numbers of the queue by the second are given up, because too many wait to be written')
      throw error
    }
    if (unseen !== undefined) throw unseen.reason
    if (now - prunedAt >= pruneMs) {
      prunedAt = now
      await store.together(() => store.prune(now))
    }
  }

  async function look(now: number) {
    const [depths, workers, letters] = await Promise.all([engine.depths(), engine.workers(), deadLetters()])
    prometheus.look(depths, workers, letters, now)
    return depths
  }
  // Every process that is scraped says how the queues are: where no worker is left, nobody else would.
  metrics.onScrape(async () => void (await look(clock.now())))

  function again(): void {
    timer = setTimeout(() => {
      flushing = flush().catch((err: unknown) => log.warn({ err }, 'Numbers of the queue could not be written; they are kept and written later'))
      void flushing.then(() => {
        if (timer !== undefined) again()
      })
    }, flushMs)
    timer.unref()
  }

  return {
    observer,
    flush,
    start: () => {
      if (timer === undefined) again()
    },
    stop: async () => {
      clearTimeout(timer)
      timer = undefined
      await flushing
      await flush().catch((err: unknown) => log.warn({ err }, 'The last numbers of the queue could not be written'))
    },
  }
}

export type Recorder = ReturnType<typeof createRecorder>
