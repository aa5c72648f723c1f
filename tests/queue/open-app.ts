import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database, database } from '@glueful/database'
import { queue, type QueueOptions } from '@glueful/queue'
import { createApp, type App, type RouteTree } from 'glueful'
import { createMemoryDestination, type LogLine } from 'glueful/testing'
import { QueueService, type WorkerRequest } from '../../packages/queue/src/queue/queue-parts.ts'

/** An application with a queue in a file of its own and with the clock of the world, for workers that really work. */
export async function openApp(options: QueueOptions, env: Record<string, string> = {}, routes: RouteTree = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'glueful-worker-'))
  const logDestination = createMemoryDestination()
  const definition: App = createApp({ name: 'worker-test', routes, extensions: [database(), queue(options)] })
  const variables = { DATABASE_URL: `sqlite:${join(folder, 'app.sqlite')}`, SHUTDOWN_TIMEOUT: '5s', ...env }
  const app = definition.with({ environment: 'test', env: variables, logDestination })
  await app.ready()
  const db = app.use(Database)
  const parts = app.use(QueueService)
  return {
    app,
    url: variables.DATABASE_URL,
    db,
    parts,
    logs: () => logDestination.lines.map((line) => JSON.parse(line) as LogLine),
    /** A worker that is started, and stopped with the application. */
    startWorker: async (request?: WorkerRequest) => {
      const worker = parts.createWorker(request)
      await worker.start()
      return worker
    },
    [Symbol.asyncDispose]: async () => {
      await app.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export { until } from './until.ts'
