import type { Database } from '@glueful/database'
import type { Clock, Logger } from 'glueful'
import { createMetrics } from '../../../packages/core/src/foundation/metrics/metrics.ts'
import type { Delivery, Engine } from '../../../packages/queue/src/engine/engine.ts'
import { createDatabaseMetricsStore } from '../../../packages/queue/src/metrics/stores/database-metrics-store.ts'
import { createRecorder } from '../../../packages/queue/src/metrics/recorder.ts'

export interface History {
  readonly jobs: number
  readonly days: number
  readonly classes: number
  readonly processes: number
  /** Between two samples of the depths, in ms. */
  readonly sampleMs: number
}

export const queues = ['critical', 'default', 'reports']
export const classOf = (index: number) => ({ job: `class.${index}`, queue: queues[index % queues.length] as string })

const hourMs = 3_600_000

/**
 * The numbers that so many jobs leave, recorded by the real recorders of several processes whose clock runs through the
 * days. They write the less often the longer ago it was: what is kept of that time is the same.
 */
export async function recordHistory(
  db: Database,
  engine: Engine,
  log: Logger,
  now: number,
  { jobs, days, classes, processes, sampleMs }: History,
): Promise<void> {
  let at = now - days * 24 * hourMs
  const clock: Clock = { now: () => at, monotonic: () => at }
  const store = createDatabaseMetricsStore(db, clock)
  const recorders = Array.from({ length: processes }, () =>
    createRecorder({ store, engine, metrics: createMetrics(), clock, log, queues, deadLetters: async () => new Map() }),
  )
  const begun = at
  const stepMs = (now - begun) / jobs
  let flushAt = at
  for (let index = 0; index < jobs; index++) {
    at = begun + index * stepMs
    if (at >= flushAt) {
      for (const recorder of recorders) await recorder.flush()
      const age = now - at
      flushAt = at + (age > 48 * hourMs ? hourMs : age > hourMs / 4 ? hourMs / 6 : 5_000)
    }
    const { observer } = recorders[Math.floor(index / classes) % processes] as (typeof recorders)[number]
    const waitMs = Math.exp(2 + 3 * Math.abs(Math.sin(index)))
    const runMs = Math.exp(3 + 2 * Math.sin(index * 1.7) + (index % classes) / 4)
    const delivery = { ...classOf((index * 7) % classes), id: String(index), runAt: at - waitMs } as Delivery
    observer.started(delivery, at)
    observer.ended(index % 50 === 0 ? ({ delivery, kind: 'retry' } as never) : ({ delivery, kind: 'complete' } as never), runMs, at)
  }
  at = now
  for (const recorder of recorders) await recorder.flush()
  // Depths are sampled every ten seconds by a worker, and kept for two days.
  const samples = [{ states: { waiting: 20, active: 5 }, oldestAt: at - 1_000, paused: false }]
  await db.transaction(async () => {
    for (let time = now - Math.min(48, days * 24) * hourMs; time < now; time += sampleMs) {
      await store.writeDepths(
        queues.flatMap((queue) => samples.map((sample) => ({ queue, ...sample }))),
        Math.floor(time / 10_000) * 10_000,
      )
    }
  })
}
