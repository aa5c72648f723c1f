import { defineWebhooks } from '@glueful/webhooks'
import { z } from 'zod'

/** What dealers' own systems are told; the tenant is the dealer. */
export const hooks = defineWebhooks({
  'car.created': z.object({ id: z.uuid(), make: z.string(), model: z.string(), price: z.int() }).describe('A car is on offer'),
  'car.sold': z.object({ id: z.uuid(), orderId: z.uuid(), quantity: z.int(), price: z.int() }).describe('A car was ordered'),
  'order.created': z
    .object({
      id: z.uuid(),
      currency: z.string(),
      total: z.int().describe('Of the lines below, in whole units of the currency'),
      lines: z.array(z.object({ carId: z.uuid(), quantity: z.int(), price: z.int() })).describe('Those of the dealer; the order may have more'),
    })
    .describe('An order came in'),
})
