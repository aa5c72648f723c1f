import { retry, type Clock, type Logger } from 'glueful'
import type { Engine, WorkerRecord } from '../engine/engine.ts'
import type { Reach } from './reach.ts'

export interface ChoresOptions {
  readonly engine: Engine
  readonly log: Logger
  readonly reach: Reach
  readonly clock: Clock
  readonly leaseMs: number
  readonly record: () => WorkerRecord
  /** The worker was given up. */
  readonly onLost: () => void
  /** The worker has a lease, at first or anew; before, it must not claim. */
  readonly onRegistered: () => void
  readonly cancel: (ids: readonly string[]) => void
  readonly onWork: () => void
  readonly handles: (queue: string) => boolean
  /** Looks at deadlines and limits, ten times a second. */
  readonly watch: () => void
}

/** Something that was not done, and may succeed the next time. */
const isPassing = (error: unknown) => (error as { status?: unknown }).status === 503

const maintainMs = 2_000
const longestPromoteMs = 500

/** What a worker does beside its jobs: says that it is alive, takes up what others lost, makes due jobs ready, polls. */
export function createChores({ engine, log, reach, clock, leaseMs, record, onLost, onRegistered, cancel, onWork, handles, watch }: ChoresOptions) {
  const waiting = new Set<() => void>()
  const loops: Promise<void>[] = []
  let stopped = false
  let stopListening = () => {}
  let wakePromoter = () => {}

  const pause = (ms: number, early?: (wake: () => void) => void) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      waiting.add(wake)
      early?.(wake)
    })

  /** Repeats `work`; a failure is logged and does not end it. */
  function loop(name: string, work: () => Promise<number>, early?: (wake: () => void) => void): void {
    loops.push(
      (async () => {
        while (!stopped) {
          let ms = 1_000
          try {
            ms = await work()
          } catch (err) {
            reach.failed(err, `The queue could not be reached (${name}); tried again`)
          }
          if (!stopped) await pause(ms, early)
        }
      })(),
    )
  }

  return {
    async start(): Promise<void> {
      // Many workers that start at once on one file wait for each other.
      await retry(() => engine.pulse(record(), leaseMs, true), { attempts: 6, backoff: { initial: 200 }, retryIf: isPassing })
      onRegistered()
      stopListening = engine.onWork((queue) => {
        if (!handles(queue)) return
        onWork()
        wakePromoter()
      })
      const beat = Math.max(50, Math.floor(leaseMs / 4))
      loop('pulse', async () => {
        const { alive, cancelled } = await engine.pulse(record(), leaseMs, false)
        if (!alive) {
          onLost()
          await engine.pulse(record(), leaseMs, true)
          onRegistered()
        } else if (cancelled.length > 0) cancel(cancelled)
        return Math.min(beat, 2_500)
      })
      loop('maintain', async () => {
        const { lostWorkers, recovered, buried } = await engine.maintain()
        if (recovered + buried > 0) log.warn({ lostWorkers, recovered, buried }, 'Jobs of lost workers were taken up')
        return Math.min(maintainMs, leaseMs / 4) * (0.75 + 0.5 * Math.random())
      })
      loop(
        'promote',
        async () => {
          const { nextAt } = await engine.promote()
          return nextAt === undefined ? longestPromoteMs : Math.min(longestPromoteMs, Math.max(5, nextAt - clock.now()))
        },
        (wake) => (wakePromoter = wake),
      )
      loop('poll', async () => {
        onWork()
        return engine.pollMs
      })
      loop('watch', async () => {
        watch()
        return 100
      })
    },
    async stop(): Promise<void> {
      stopped = true
      stopListening()
      for (const wake of waiting) wake()
      await Promise.all(loops)
    },
  }
}
