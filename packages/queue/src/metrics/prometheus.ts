import type { Counter, Gauge, Histogram, Metrics } from 'glueful'
import type { QueueDepth, WorkerRecord } from '../engine/engine.ts'
import type { Outcome } from './job-metrics.ts'

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]
const states = ['waiting', 'delayed', 'grouped', 'suspect', 'blocked', 'active', 'done', 'cancelled'] as const
const workerStates = ['idle', 'busy', 'paused', 'stopping', 'crashed'] as const

/** The attempts of one job class in one queue; times in seconds. */
export interface PrometheusSeries {
  readonly wait: Histogram
  readonly run: Histogram
  readonly ended: (outcome: Outcome) => void
}

/** The metrics of the queue in the application's registry: base units, real histograms, nothing that is an average. */
export function createQueuePrometheus(metrics: Metrics, queues: readonly string[]) {
  const labels = ['job', 'queue'] as const
  const waits = metrics.histogram({
    name: 'glueful_queue_job_wait_seconds',
    help: 'From the earliest start of a job to the start of an attempt.',
    labels,
    buckets,
  })
  const runs = metrics.histogram({ name: 'glueful_queue_job_run_seconds', help: 'Duration of an attempt.', labels, buckets })
  const ends = metrics.counter({ name: 'glueful_queue_attempts_total', help: 'Attempts that ended, by what became of them.', labels: [...labels, 'outcome'] })
  const depth = metrics.gauge({ name: 'glueful_queue_depth', help: 'Stored jobs.', labels: ['queue', 'state'], aggregation: 'max' })
  const oldest = metrics.gauge({
    name: 'glueful_queue_oldest_age_seconds',
    help: 'Age of the job that has been ready longest.',
    labels: ['queue'],
    aggregation: 'max',
  })
  const paused = metrics.gauge({ name: 'glueful_queue_paused', help: '1 while a queue gives out no jobs.', labels: ['queue'], aggregation: 'max' })
  const letters = metrics.gauge({ name: 'glueful_queue_dead_letters', help: 'Open dead letters.', labels: ['queue'], aggregation: 'max' })
  const workers = metrics.gauge({ name: 'glueful_queue_workers', help: 'Workers.', labels: ['state'], aggregation: 'max' })
  const places = metrics.gauge({
    name: 'glueful_queue_worker_places',
    help: 'Jobs that all workers could run at once, and run.',
    labels: ['use'],
    aggregation: 'max',
  })
  const gauges = new Map<string, readonly Gauge[]>()

  return {
    /** Of one job class in one queue; looked up once, because a lookup joins its labels each time. */
    series: (job: string, queue: string): PrometheusSeries => {
      const counters: Partial<Record<Outcome, Counter>> = {}
      return {
        wait: waits.with(job, queue),
        run: runs.with(job, queue),
        ended: (outcome) => (counters[outcome] ??= ends.with(job, queue, outcome)).inc(),
      }
    },
    /** What is read rather than counted. A queue that is empty by now says so. */
    look: (depths: readonly QueueDepth[], list: readonly WorkerRecord[], dead: ReadonlyMap<string, number>, now: number) => {
      const seen = new Map(depths.map((one) => [one.queue, one]))
      for (const queue of new Set([...queues, ...gauges.keys(), ...seen.keys(), ...dead.keys()])) {
        const found = seen.get(queue)
        const own = gauges.get(queue) ?? states.map((state) => depth.with(queue, state))
        gauges.set(queue, own)
        for (const [index, state] of states.entries()) own[index]?.set(found?.states[state] ?? 0)
        oldest.with(queue).set(found?.oldestAt === undefined ? 0 : Math.max(0, now - found.oldestAt) / 1_000)
        letters.with(queue).set(dead.get(queue) ?? 0)
        paused.with(queue).set(found?.paused === true ? 1 : 0)
      }
      for (const state of workerStates) workers.with(state).set(list.filter((one) => one.state === state).length)
      const live = list.filter((one) => one.state !== 'crashed')
      places.with('all').set(live.reduce((sum, { concurrency }) => sum + concurrency, 0))
      places.with('running').set(live.reduce((sum, { running }) => sum + running, 0))
    },
  }
}
