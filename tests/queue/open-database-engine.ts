import { Database, database, sql, transaction } from '@glueful/database'
import { queue } from '@glueful/queue'
import { createApp } from 'glueful'
import { testApp } from 'glueful/testing'
import type { Failure } from '../../packages/queue/src/engine/stored-job.ts'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'
import { limitedQueues, type OpenEngine } from './engine-suite/open-engine.ts'

/** The database engine in an application of its own, on a database that is empty. */
export async function openDatabaseEngine(url: string, dispose: () => Promise<void> = async () => {}): Promise<OpenEngine> {
  const app = createApp({ name: 'engine-suite', routes: {}, extensions: [database(), queue({ jobs: [], queues: limitedQueues })] })
  const test = await testApp(app, { env: { DATABASE_URL: url } })
  const db = test.app.use(Database)
  return {
    engine: test.app.use(QueueService).engine,
    now: () => test.clock.now(),
    pass: async (ms) => test.clock.advance(ms),
    transaction,
    dead: async () =>
      (await db.all<{ job_id: string; failures: string }>(sql`select job_id, failures from glueful_dead_letters order by failed_at, id`)).map((row) => ({
        id: row.job_id,
        failures: JSON.parse(row.failures) as Failure[],
      })),
    [Symbol.asyncDispose]: async () => {
      await test.close()
      await dispose()
    },
  }
}
