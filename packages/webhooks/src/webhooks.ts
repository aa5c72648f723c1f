import { randomUUID } from 'node:crypto'
import type { Database } from '@glueful/database'
import { currentSandbox, service, type Clock, type Service } from 'glueful'
import type { Attempted } from './delivery/attempt-delivery.ts'
import type { DeliveryAttempt, DeliveryFilter, DeliveryLog } from './delivery/delivery-log.ts'
import { onlyTenant, requireTenant, type Endpoint } from './endpoints/endpoint.ts'
import type { Endpoints } from './endpoints/endpoints.ts'
import { matchesEvent, requireEventName } from './endpoints/event-filter.ts'
import { fail } from './errors.ts'
import { testEventName } from './test-event.ts'

export interface PublishOptions {
  /** Whose endpoints get it. Default: `default`, the tenant of applications that have none. */
  readonly tenant?: string
}

export interface Published {
  /** What receivers see as `webhook-id`. */
  readonly id: string
  /** How many endpoints get it. */
  readonly deliveries: number
}

/** Outgoing webhooks of an application: `ctx.use(Webhooks)`. */
export interface Webhooks {
  readonly endpoints: Endpoints
  readonly deliveries: Pick<DeliveryLog, 'find' | 'list' | 'attempts'>
  /**
   * Stores an event for every endpoint that wants it. Inside a transaction it commits with it, or not at all.
   * @throws `WEBHOOK_EVENT_INVALID`, `WEBHOOK_DATA_INVALID`, `WEBHOOK_TENANT_INVALID`
   */
  publish(event: string, data: unknown, options?: PublishOptions): Promise<Published>
  /**
   * Sends `webhook.test` to an endpoint, once and now, and says what it answered; recorded as any delivery.
   * @throws `WEBHOOK_ENDPOINT_UNKNOWN`
   */
  test(endpointId: string, tenant?: string): Promise<DeliveryAttempt>
  /**
   * Sends a delivery again with the same `webhook-id`; false where it is still under way.
   * @throws `WEBHOOK_DELIVERY_UNKNOWN`, `WEBHOOK_ENDPOINT_UNKNOWN` where the endpoint was removed
   */
  replay(deliveryId: string, tenant?: string): Promise<boolean>
  /** Sends again what a filter finds, at most 1,000; gives how many. Those of endpoints that were removed are left alone. */
  replayAll(filter: DeliveryFilter): Promise<number>
}

export const Webhooks: Service<Webhooks> = service<Webhooks>('webhooks')

export interface WebhooksParts {
  readonly db: Database
  readonly clock: Clock
  readonly endpoints: Endpoints
  readonly log: DeliveryLog
  readonly attempt: (deliveryId: string, options?: { readonly once?: boolean }) => Promise<Attempted | undefined>
  /** Queues deliveries; joins the transaction that is open. */
  readonly dispatch: (deliveries: readonly { readonly deliveryId: string; readonly endpoint: Endpoint }[]) => Promise<unknown>
}

/** Bytes of a body; receivers refuse what is larger. */
const mostBody = 256 * 1_024

export function createWebhooks({ db, clock, endpoints, log, attempt, dispatch }: WebhooksParts): Webhooks {
  const newId = () => `msg_${randomUUID().replaceAll('-', '')}`

  async function reopen(deliveryId: string, endpoint: Endpoint): Promise<boolean> {
    return db.transaction(async () => {
      if (!(await log.reopen(deliveryId))) return false
      await dispatch([{ deliveryId, endpoint }])
      return true
    })
  }

  return {
    endpoints,
    deliveries: log,
    publish: async (event, data, { tenant = onlyTenant } = {}) => {
      requireEventName(event)
      requireTenant(tenant)
      const body = bodyOf(event, data, clock)
      return db.transaction(async () => {
        const wanted = (await endpoints.active(tenant)).filter(({ events }) => matchesEvent(events, event))
        const id = newId()
        if (wanted.length === 0) return { id, deliveries: 0 }
        const deliveries = await log.add(
          { id, tenant, event, body },
          wanted.map((endpoint) => endpoint.id),
        )
        const sandbox = currentSandbox()
        if (sandbox !== undefined) sandbox.capture('webhook', `${event} to ${deliveries.length} endpoints`, { id, tenant, body: JSON.parse(body) as unknown })
        else await dispatch(deliveries.map((deliveryId, index) => ({ deliveryId, endpoint: wanted[index] as Endpoint })))
        return { id, deliveries: deliveries.length }
      })
    },
    test: async (endpointId, tenant) => {
      const endpoint = await endpoints.find(endpointId, tenant)
      const message = { id: newId(), tenant: endpoint.tenant, event: testEventName, body: bodyOf(testEventName, { endpointId }, clock) }
      const [deliveryId = ''] = await db.transaction(() => log.add(message, [endpointId]))
      const attempted = await attempt(deliveryId, { once: true })
      if (attempted === undefined) throw fail('WEBHOOK_ENDPOINT_UNKNOWN', undefined)
      return attempted.attempt
    },
    replay: async (deliveryId, tenant) => {
      const { endpointId } = await log.find(deliveryId, tenant)
      return reopen(deliveryId, await endpoints.find(endpointId))
    },
    replayAll: async (filter) => {
      const { items } = await log.list({ limit: 1_000, ...filter })
      let count = 0
      for (const [endpointId, deliveries] of Map.groupBy(items, (delivery) => delivery.endpointId)) {
        const endpoint = await endpoints.findIfThere(endpointId)
        if (endpoint === undefined) continue
        for (const { id } of deliveries) if (await reopen(id, endpoint)) count++
      }
      return count
    },
  }
}

/** The envelope that Standard Webhooks recommends. */
function bodyOf(event: string, data: unknown, clock: Clock): string {
  const refuse = (reason: string, cause?: unknown) => fail('WEBHOOK_DATA_INVALID', { event, reason }, cause === undefined ? {} : { cause })
  let body: string
  try {
    body = JSON.stringify({ type: event, timestamp: new Date(clock.now()).toISOString(), data: data ?? null })
  } catch (cause) {
    throw refuse('it is not JSON', cause)
  }
  const bytes = Buffer.byteLength(body)
  if (bytes > mostBody) throw refuse(`its body would have ${bytes} bytes, of at most ${mostBody}`)
  return body
}
