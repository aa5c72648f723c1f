import type { NewJob } from '../stored-job.ts'
import type { Engine } from '../engine.ts'

/**
 * Runs each job where it is dispatched, once and at once, whatever its delay; the dispatch rejects as the handler does.
 * Nothing is stored. For scripts, and for tests that want to see what a job does.
 */
export function createSyncEngine(run: (job: NewJob) => Promise<unknown>): Engine {
  const nothing = async () => []
  const runAll = async (jobs: readonly NewJob[]) => {
    for (const job of jobs) {
      await run(job)
      for (const next of job.meta?.chain ?? []) await run(next)
    }
  }
  return {
    name: 'sync',
    start: async () => {},
    stop: async () => {},
    enqueue: async (jobs) => {
      await runAll(jobs)
      return jobs.map(({ id }) => ({ id, outcome: 'queued' as const }))
    },
    enqueueBatch: async ({ allowFailures, callbacks }, jobs) => {
      const failures: unknown[] = []
      for (const job of jobs) {
        if (failures.length > 0 && !allowFailures) break
        await runAll([job]).catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0 && callbacks.catch !== undefined) await run(callbacks.catch)
      if (failures.length === 0 && callbacks.then !== undefined) await run(callbacks.then)
      if (callbacks.finally !== undefined) await run(callbacks.finally)
      if (failures.length > 0 && callbacks.catch === undefined) throw failures[0]
    },
    findBatch: async () => undefined,
    lanes: 1,
    claim: nothing,
    settle: async () => ({ refused: [], deliveries: [] }),
    settleWithin: async (_delivery, work) => (await work()) !== undefined,
    reconcile: async () => 0,
    reportProgress: async () => {},
    pulse: async () => ({ alive: true, cancelled: [] }),
    maintain: async () => ({ lostWorkers: [], recovered: 0, buried: 0, pruned: 0 }),
    promote: async () => ({ promoted: [], nextAt: undefined }),
    leave: async () => {},
    onWork: () => () => {},
    pollMs: 60_000,
    find: async () => undefined,
    list: nothing,
    depths: nothing,
    limits: nothing,
    workers: nothing,
    pause: async () => {},
    resume: async () => {},
    cancel: async () => false,
  }
}
