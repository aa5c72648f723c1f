import { database, type Database } from '@glueful/database'
import { Database as DatabaseService } from '@glueful/database'
import type { DialectUnderTest } from '@glueful/database/testing'
import { queue } from '@glueful/queue'
import { testQueue } from '@glueful/queue/testing'
import { createApp, type AppDefinition } from 'glueful'
import { testApp } from 'glueful/testing'
import { webhooks, type WebhooksOptions } from '../webhooks-extension.ts'
import { Webhooks } from '../webhooks.ts'

/** An application with webhooks on an empty database; loopback may be sent to. */
export async function openWebhooks(
  target: DialectUnderTest,
  options: WebhooksOptions = {},
  env: Record<string, string> = {},
  definition: Partial<Pick<AppDefinition, 'routes' | 'services' | 'strategies'>> = {},
) {
  const made = await target.open()
  const app = createApp({ name: 'shop', routes: {}, ...definition, extensions: [database(), queue({ jobs: [] }), webhooks({ jitter: 0, ...options })] })
  const again = () =>
    testApp(app, {
      env: { DATABASE_URL: made.url, DATABASE_MIGRATE: 'true', WEBHOOKS_ALLOW_NETWORKS: '127.0.0.0/8', WEBHOOKS_TIMEOUT: '300ms', ...env },
    })
  const test = await again()
  const db: Database = test.app.use(DatabaseService)
  return {
    test,
    /** The same application once more, as another process has it. */
    again,
    db,
    hooks: test.app.use(Webhooks),
    queue: testQueue(test),
    [Symbol.asyncDispose]: async () => {
      await test.close()
      await made.close()
    },
  }
}
