import { event } from 'glueful'
import type { DisabledReason } from './endpoints/endpoint.ts'

/** An endpoint was disabled because of its answers; its owner should hear of it. */
export const WebhookEndpointDisabled = event<{ readonly endpointId: string; readonly tenant: string; readonly url: string; readonly reason: DisabledReason }>(
  'webhooks.endpoint-disabled',
)
