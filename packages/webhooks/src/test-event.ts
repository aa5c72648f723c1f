import { z } from 'zod'

/** What `test` sends to an endpoint, whatever its filters say. */
export const testEventName = 'webhook.test'
export const testEvent = z.object({ endpointId: z.string() }).describe('Somebody tries out an endpoint')
