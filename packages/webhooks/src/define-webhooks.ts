import type { InputOf, Schema } from 'glueful'
import { fail } from './errors.ts'
import { requireEventName } from './endpoints/event-filter.ts'
import type { PublishOptions, Published, Webhooks } from './webhooks.ts'

/** Events by name, with the schema of their data. */
export type WebhookEvents = Readonly<Record<string, Schema>>

export interface DefinedWebhooks<Events extends WebhookEvents> {
  readonly events: Events
  /**
   * Publishes through the application of this process; joins the transaction that is open.
   * @throws `WEBHOOK_DATA_INVALID`, `WEBHOOKS_NOT_BOOTED`
   */
  publish<Name extends keyof Events & string>(event: Name, data: InputOf<Events[Name]>, options?: PublishOptions): Promise<Published>
}

const running: Webhooks[] = []

/** Makes an application's webhooks those that `publish` finds; the ones added last count. */
export function addRunning(webhooks: Webhooks): void {
  running.push(webhooks)
}

export function removeRunning(webhooks: Webhooks): void {
  const at = running.lastIndexOf(webhooks)
  if (at !== -1) running.splice(at, 1)
}

/**
 * Declares the events that an application publishes: names and data are typed, and checked when they are published.
 *
 * @example
 * export const hooks = defineWebhooks({ 'car.created': z.object({ id: z.uuid() }) })
 * await hooks.publish('car.created', { id: car.id }, { tenant: car.sellerId })
 *
 * @throws `WEBHOOK_EVENT_INVALID`
 */
export function defineWebhooks<const Events extends WebhookEvents>(events: Events): DefinedWebhooks<Events> {
  for (const name of Object.keys(events)) requireEventName(name)
  return {
    events,
    publish: async (event, data, options) => {
      const schema = events[event]
      if (schema === undefined) throw fail('WEBHOOK_EVENT_INVALID', { found: event, expected: `one of ${Object.keys(events).join(', ')}` })
      const parsed = await schema['~standard'].validate(data)
      if (parsed.issues !== undefined)
        throw fail('WEBHOOK_DATA_INVALID', {
          event,
          reason: parsed.issues.map(({ path = [], message }) => `${path.map(String).join('.')}: ${message}`).join('; '),
        })
      const webhooks = running.at(-1)
      if (webhooks === undefined) throw fail('WEBHOOKS_NOT_BOOTED', undefined)
      return webhooks.publish(event, parsed.value, options)
    },
  }
}
