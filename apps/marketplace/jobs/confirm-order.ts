import { job } from '@glueful/queue'
import { z } from 'zod'
import { Order } from '../models/index.ts'
import { Mailer } from '../orders/mailer.ts'

/** Tells the buyer what was ordered. */
export const ConfirmOrder = job(
  'orders.confirm',
  { payload: z.object({ orderId: z.uuid() }), queue: 'emails', tries: 8, timeout: '30s', unique: ({ orderId }) => orderId },
  async ({ payload, use }) => {
    const order = await Order.with('customer', 'lines.car').findOrFail(payload.orderId)
    const lines = order.lines.map(({ car, quantity, price }) => `${quantity} × ${car.make} ${car.model} (${car.year}), ${price} ${order.currency} each`)
    await use(Mailer).send({
      to: order.customer.email,
      subject: `Your order ${order.id.slice(-8)}`,
      text: `Hello ${order.customer.name},\n\nyou have ordered\n\n${lines.join('\n')}\n\nfor ${order.total} ${order.currency}.\n`,
    })
  },
)
