import { defineWebhooks } from '@glueful/webhooks'
import { z } from 'zod'

/** What dealers' own systems are told; the tenant is the dealer. */
export const hooks = defineWebhooks({
  'car.created': z.object({ id: z.uuid(), make: z.string(), model: z.string(), price: z.int() }),
  'car.sold': z.object({ id: z.uuid(), orderId: z.uuid(), quantity: z.int(), price: z.int() }),
})
