import { created, route } from 'glueful'
import { z } from 'zod'
import { requireCustomer } from '../accounts/require-customer.ts'
import { Order, OrderLine } from '../models/index.ts'
import { captureOrder, refundOrder } from '../orders/capture-order.ts'
import { Payments } from '../orders/payments.ts'
import { settings } from '../settings.ts'

const params = z.object({ id: z.uuid() })

const NewOrder = z
  .object({
    lines: z
      .array(z.object({ carId: z.uuid(), quantity: z.int().min(1).max(10) }))
      .min(1)
      .max(20)
      .refine((lines) => new Set(lines.map(({ carId }) => carId)).size === lines.length, 'Each car may stand in one line only'),
  })
  .meta({ id: 'NewOrder', examples: [{ lines: [{ carId: '019b76da-a80c-73c9-8bd1-03cfe555cf24', quantity: 1 }] }] })

const OrderBody = z
  .object({
    id: z.uuid(),
    customerId: z.uuid(),
    status: z.enum(['captured', 'refunded']),
    payment: z.enum(['on pickup', 'pending', 'paid']),
    total: z.int(),
    currency: z.string(),
    lines: z.array(z.object({ carId: z.uuid(), quantity: z.int(), price: z.int() })),
  })
  .meta({ id: 'Order' })

const people = ['session', 'jwt'] as const

export const orders = {
  create: route.post(
    '/orders',
    {
      auth: people,
      can: 'orders.create',
      idempotency: 'required',
      audit: { action: 'order.captured', after: (_, { body }) => body },
      summary: 'Order cars',
      body: NewOrder,
      strict: 'reject',
      response: OrderBody,
    },
    async ({ body, use, user }) => {
      const customer = await requireCustomer(user.id)
      const order = await captureOrder(
        { customerId: customer.id, lines: body.lines },
        { currency: use(settings).currency, prepaid: use(Payments).client !== undefined },
      )
      return created(await present(order), `/orders/${order.id}`)
    },
  ),

  show: route.get('/orders/:id', { auth: people, can: 'orders.view', summary: 'One order', params, response: OrderBody }, async ({ params, authorize }) => {
    const order = await Order.findOrFail(params.id)
    await authorize('view', order)
    return present(order)
  }),

  refund: route.post(
    '/orders/:id/refund',
    {
      auth: people,
      can: 'orders.refund',
      idempotency: 'optional',
      audit: { action: 'order.refunded', before: (ctx) => presentIfThere((ctx.params as z.infer<typeof params>).id), after: (_, { body }) => body },
      summary: 'Refund an order',
      params,
      response: OrderBody,
    },
    async ({ params }) => present(await refundOrder(params.id)),
  ),
}

async function presentIfThere(id: string) {
  const order = await Order.find(id)
  return order === undefined ? undefined : present(order)
}

async function present({ id, customerId, status, payment, total, currency }: InstanceType<typeof Order>): Promise<z.infer<typeof OrderBody>> {
  const lines = await OrderLine.where('orderId', id).orderBy('id').get()
  return { id, customerId, status, payment, total, currency, lines: lines.map(({ carId, quantity, price }) => ({ carId, quantity, price })) }
}
