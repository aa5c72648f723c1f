import { job, release, skip } from '@glueful/queue'
import { GluefulError } from 'glueful'
import { z } from 'zod'
import { Order } from '../models/index.ts'
import { Payments } from '../orders/payments.ts'

/** Captures the payment of an order. The order's id is the idempotency key there, so another try never charges twice. */
export const CapturePayment = job(
  'orders.capture-payment',
  { payload: z.object({ orderId: z.uuid() }), queue: 'payments', tries: 10, timeout: '30s', unique: ({ orderId }) => orderId },
  async ({ payload, use, signal }) => {
    const { client } = use(Payments)
    const order = await Order.findOrFail(payload.orderId)
    if (client === undefined || order.payment === 'paid' || order.status === 'refunded') return skip()
    const { total, currency, id } = order
    try {
      await client.post('/charges', { order: id, amount: total, currency }, { signal, headers: { 'idempotency-key': id } })
    } catch (error) {
      // Nobody was asked, so it costs no try: an order outlasts any outage of the service.
      if (error instanceof GluefulError && (error.code === 'BREAKER_OPEN' || error.code === 'BULKHEAD_FULL')) return release('1m')
      throw error
    }
    await order.update({ payment: 'paid' })
  },
)
