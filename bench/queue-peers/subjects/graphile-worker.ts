import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import { list, type Servers, type Subject } from './subject.ts'

/** As its documentation tunes it for many small jobs: a local queue, and completions in batches. */
export async function open({ postgres }: Servers): Promise<Subject> {
  const logger = new Logger(() => () => {})
  const utils = await makeWorkerUtils({ connectionString: postgres, logger })
  await utils.migrate()
  return {
    enqueueOne: async (index) => void (await utils.addJob('count', { index })),
    enqueueMany: async (from, count) => void (await utils.addJobs(list(from, count).map((index) => ({ identifier: 'count', payload: { index } })))),
    work: async (concurrency, done) => {
      const runner = await run({
        logger,
        noHandleSignals: true,
        taskList: { count: async (payload) => done((payload as { index: number }).index) },
        preset: {
          worker: {
            connectionString: postgres,
            concurrentJobs: concurrency,
            pollInterval: 100,
            localQueue: { size: 500, refetchDelay: { durationMs: 10, threshold: 0 } },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      })
      return () => runner.stop()
    },
    close: async () => utils.release(),
  }
}
