import { Database, database } from '@glueful/database'
import { queue } from '@glueful/queue'
import { Webhooks, webhooks, type WebhooksOptions } from '@glueful/webhooks'
import { createApp, type RouteTree } from 'glueful'
import { createMemoryDestination } from 'glueful/testing'
import { QueueService } from '../../packages/queue/src/queue/queue-parts.ts'

export interface SenderOptions {
  readonly webhooks?: WebhooksOptions
  readonly env?: Readonly<Record<string, string>>
  readonly routes?: RouteTree
  /** Deliveries at once, of each of two workers. */
  readonly places?: number
}

/** An application with webhooks and two workers, by the clock of the world; loopback may be sent to. */
export async function openSender(url: string, { webhooks: options = {}, env = {}, routes = {}, places = 5 }: SenderOptions = {}) {
  const app = createApp({ name: 'shop', routes, extensions: [database(), queue({ jobs: [] }), webhooks(options)] }).with({
    environment: 'test',
    env: { DATABASE_URL: url, DATABASE_MIGRATE: 'true', WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8', ...env },
    logDestination: createMemoryDestination(),
  })
  await app.ready()
  const workers = [1, 2].map(() => app.use(QueueService).createWorker({ concurrency: places }))
  return {
    app,
    hooks: app.use(Webhooks),
    db: app.use(Database),
    start: () => Promise.all(workers.map((worker) => worker.start())),
    /** Lets the deliveries that are under way end first. */
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop(5_000)))
      await app.close()
    },
  }
}
