import { every, job, release } from '@glueful/queue'
import type { Clock } from 'glueful'
import { service, type Service } from 'glueful'
import { z } from 'zod'
import { webhookSettings } from '../webhook-settings.ts'
import type { DeliveryLimits } from '../endpoints/delivery-limits.ts'
import type { Attempted } from './attempt-delivery.ts'
import type { DeliveryLog } from './delivery-log.ts'

/** What the jobs work with. */
export interface DeliveryTools {
  readonly attempt: (deliveryId: string, options?: { readonly once?: boolean }) => Promise<Attempted | undefined>
  readonly log: DeliveryLog
  readonly clock: Clock
}

export const DeliveryToolsService: Service<DeliveryTools> = service<DeliveryTools>('webhook-delivery')

export type WebhookJobs = ReturnType<typeof createWebhookJobs>

/** Attempts that fail are planned by the retry table, not by the queue: its tries are for workers that crash. */
const crashes = 25

const Limits = z.object({ concurrency: z.int(), rate: z.object({ limit: z.int(), perMs: z.int() }).optional() })
const Delivering = z.object({ deliveryId: z.string(), endpointId: z.string(), limits: Limits.optional() })
type Payload = z.output<typeof Delivering>

/** `most` is what holds for every endpoint; what one says of itself travels with its deliveries. */
export function createWebhookJobs(most: DeliveryLimits) {
  const key = ({ endpointId }: Payload) => endpointId
  const limitsOf = ({ limits }: Payload): z.output<typeof Limits> => limits ?? most
  const deliver = job(
    'webhooks.deliver',
    {
      payload: Delivering,
      queue: 'webhooks',
      tries: crashes,
      timeout: '3m',
      concurrency: { limit: (payload) => limitsOf(payload).concurrency, key },
      rateLimit: { limit: (payload) => limitsOf(payload).rate?.limit, per: (payload) => limitsOf(payload).rate?.perMs ?? '1s', key },
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
