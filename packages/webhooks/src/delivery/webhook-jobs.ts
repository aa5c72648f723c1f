import { every, job, release } from '@glueful/queue'
import type { Clock } from 'glueful'
import { service, type Duration, type Service } from 'glueful'
import { z } from 'zod'
import { webhookSettings } from '../webhook-settings.ts'
import type { Attempted } from './attempt-delivery.ts'
import type { DeliveryLog } from './delivery-log.ts'

/** What the jobs work with. */
export interface DeliveryTools {
  readonly attempt: (deliveryId: string, options?: { readonly once?: boolean }) => Promise<Attempted | undefined>
  readonly log: DeliveryLog
  readonly clock: Clock
}

export const DeliveryToolsService: Service<DeliveryTools> = service<DeliveryTools>('webhook-delivery')

export interface JobLimits {
  /** How many deliveries to one endpoint run at once, over all workers. */
  readonly concurrency: number
  /** How many to one endpoint start within a time. */
  readonly rate: { readonly limit: number; readonly per: Duration } | undefined
}

export type WebhookJobs = ReturnType<typeof createWebhookJobs>

/** Attempts that fail are planned by the retry table, not by the queue: its tries are for workers that crash. */
const crashes = 25

export function createWebhookJobs({ concurrency, rate }: JobLimits) {
  const key = ({ endpointId }: { endpointId: string }) => endpointId
  const deliver = job(
    'webhooks.deliver',
    {
      payload: z.object({ deliveryId: z.string(), endpointId: z.string() }),
      queue: 'webhooks',
      tries: crashes,
      timeout: '3m',
      concurrency: { limit: concurrency, key },
      ...(rate === undefined ? {} : { rateLimit: { ...rate, key } }),
    },
    async ({ payload, use }) => {
      const attempted = await use(DeliveryToolsService).attempt(payload.deliveryId)
      return attempted?.waitMs === undefined ? undefined : release(attempted.waitMs)
    },
  )
  const prune = job('webhooks.prune', { queue: 'webhooks' }, async ({ use }) => {
    const { log, clock } = use(DeliveryToolsService)
    const before = clock.now() - use(webhookSettings).keep
    let removed = 0
    for (;;) {
      const count = await log.prune(before)
      removed += count
      if (count < 1_000) return { removed }
    }
  })
  return { deliver, prune, schedule: [every('1h').run(prune)] }
}
