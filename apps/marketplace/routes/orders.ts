import { created, route } from 'glueful'
import { z } from 'zod'
import { Order } from '../models/index.ts'
import { captureOrder, refundOrder } from '../orders/capture-order.ts'
import { settings } from '../settings.ts'

const params = z.object({ id: z.uuid() })

const NewOrder = z
  .object({
    customerId: z.uuid(),
    lines: z
      .array(z.object({ carId: z.uuid(), quantity: z.int().min(1).max(10) }))
      .min(1)
      .max(20)
      .refine((lines) => new Set(lines.map(({ carId }) => carId)).size === lines.length, 'Each car may stand in one line only'),
  })
  .meta({ id: 'NewOrder' })

const OrderBody = z
  .object({
    id: z.uuid(),
    customerId: z.uuid(),
    status: z.enum(['captured', 'refunded']),
    total: z.int(),
    currency: z.string(),
    lines: z.array(z.object({ carId: z.uuid(), quantity: z.int(), price: z.int() })),
  })
  .meta({ id: 'Order' })

export const orders = {
  create: route.post('/orders', { summary: 'Order cars', body: NewOrder, strict: 'reject', response: OrderBody }, async ({ body, use }) => {
    const order = await captureOrder(body, use(settings).currency)
    return created(await present(order.id), `/orders/${order.id}`)
  }),

  show: route.get('/orders/:id', { summary: 'One order', params, response: OrderBody }, ({ params }) => present(params.id)),

  refund: route.post('/orders/:id/refund', { summary: 'Refund an order', params, response: OrderBody }, async ({ params }) => {
    const order = await refundOrder(params.id)
    return present(order.id)
  }),
}

async function present(id: string): Promise<z.infer<typeof OrderBody>> {
  const { customerId, status, total, currency, lines } = await Order.with('lines').findOrFail(id)
  return { id, customerId, status, total, currency, lines: lines.map(({ carId, quantity, price }) => ({ carId, quantity, price })) }
}
