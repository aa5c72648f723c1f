import { database } from '@glueful/database'
import { job, queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { z } from 'zod'
import { QueueService } from '../../../packages/queue/src/queue/queue-parts.ts'
import { list, type Servers, type Subject } from './subject.ts'

export async function openGlueful(kind: 'sqlite' | 'postgres' | 'redis', servers: Servers): Promise<Subject> {
  let done: (index: number) => void = () => {}
  const Count = job('count', { payload: z.object({ index: z.number() }) }, async ({ payload }) => done(payload.index))
  const env: Record<string, string> = {
    DATABASE_URL: kind === 'postgres' ? servers.postgres : `sqlite:${servers.sqlite}`,
    LOG_LEVEL: 'error',
    QUEUE_METRICS: process.env['BENCH_METRICS'] ?? 'true',
    ...(kind === 'redis' ? { QUEUE_DRIVER: 'redis', REDIS_URL: servers.redis } : undefined),
  }
  const app = createApp({ name: 'bench', routes: {}, extensions: [database(), queue({ jobs: { Count } })] }).with({ environment: 'test', env })
  await app.ready()
  const parts = app.use(QueueService)
  return {
    enqueueOne: async (index) => void (await Count.dispatch({ index })),
    enqueueMany: async (from, count) => void (await Count.dispatchMany(list(from, count).map((index) => ({ index })))),
    work: async (concurrency, told) => {
      done = told
      const worker = parts.createWorker({ concurrency })
      await worker.start()
      parts.recorder?.start()
      return async () => {
        await worker.stop(5_000)
        await parts.recorder?.stop()
      }
    },
    close: () => app.close(),
  }
}
