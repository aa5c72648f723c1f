import { Database, database } from '@glueful/database'
import { queue, type QueueOptions } from '@glueful/queue'
import { testQueue } from '@glueful/queue/testing'
import { createApp, type App } from 'glueful'
import { testApp, type TestAppOptions } from 'glueful/testing'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'

/** An application with a queue, on a database in memory unless `env` says otherwise. */
export async function openQueue(options: QueueOptions, { env = {}, ...rest }: TestAppOptions = {}) {
  const app: App = createApp({ name: 'queue-test', routes: {}, extensions: [database(), queue(options)] })
  const test = await testApp(app, { env: { LOG_LEVEL: 'debug', ...env }, ...rest })
  const db = test.app.use(Database)
  return { ...test, db, queue: testQueue(test), parts: test.app.use(QueueService), [Symbol.asyncDispose]: test.close }
}
