import { Conflict } from 'glueful'
import { transaction } from '@glueful/database'
import { hooks } from '../catalogue/hooks.ts'
import { CapturePayment, ConfirmOrder } from '../jobs/index.ts'
import { Car, Customer, Order, OrderLine } from '../models/index.ts'

export interface OrderRequest {
  readonly customerId: string
  readonly lines: readonly { readonly carId: string; readonly quantity: number }[]
}

export interface Terms {
  readonly currency: string
  /** Whether the payment is captured now; otherwise the buyer pays on pickup. */
  readonly prepaid: boolean
}

/**
 * Takes the cars out of stock, writes the order and dispatches what follows from it, or does nothing of that.
 * @throws 404 for a customer or car that is not there, 409 `OUT_OF_STOCK`
 */
export function captureOrder({ customerId, lines }: OrderRequest, { currency, prepaid }: Terms) {
  return transaction(async () => {
    const customer = await Customer.findOrFail(customerId)
    let total = 0
    const taken = new Map<string, InstanceType<typeof Car>>()
    // Everybody locks cars in the same order, so that two orders never wait for each other.
    for (const { carId, quantity } of [...lines].sort((a, b) => (a.carId < b.carId ? -1 : 1))) {
      // One statement decides: however many ask at once, the stock never falls below zero.
      const changed = await Car.where('id', carId).where('stock', '>=', quantity).decrement('stock', quantity)
      const car = await Car.findOrFail(carId)
      if (changed === 0) throw new Conflict(`Of ${car.make} ${car.model} only ${car.stock} are left.`, { code: 'OUT_OF_STOCK' })
      taken.set(carId, car)
      total += car.price * quantity
    }
    const order = await Order.create({ customerId: customer.id, total, currency, payment: prepaid ? 'pending' : 'on pickup' })
    const written = await OrderLine.createMany(
      lines.map(({ carId, quantity }) => ({ orderId: order.id, carId, quantity, price: (taken.get(carId) as InstanceType<typeof Car>).price })),
    )
    const dealerOf = ({ carId }: { readonly carId: string }) => taken.get(carId)?.dealerId as string
    for (const [tenant, own] of Map.groupBy(written, dealerOf)) {
      const sold = own.map(({ carId, quantity, price }) => ({ carId, quantity, price }))
      const sum = sold.reduce((all, { quantity, price }) => all + quantity * price, 0)
      await hooks.publish('order.created', { id: order.id, currency, total: sum, lines: sold }, { tenant })
      for (const { carId: id, ...rest } of sold) await hooks.publish('car.sold', { id, orderId: order.id, ...rest }, { tenant })
    }
    await ConfirmOrder.dispatch({ orderId: order.id })
    if (prepaid) await CapturePayment.dispatch({ orderId: order.id })
    return order
  })
}

/**
 * Gives the cars back and marks the order.
 * @throws 404, 409 `ORDER_ALREADY_REFUNDED`
 */
export function refundOrder(id: string) {
  return transaction(async () => {
    const order = await Order.with('lines').findOrFail(id)
    // Whoever changes the status first has refunded it.
    const changed = await Order.where('id', id).where('status', 'captured').update({ status: 'refunded' })
    if (changed === 0) throw new Conflict('The order has been refunded already.', { code: 'ORDER_ALREADY_REFUNDED' })
    for (const { carId, quantity } of [...order.lines].sort((a, b) => (a.carId < b.carId ? -1 : 1))) {
      await Car.query().withDeleted().where('id', carId).increment('stock', quantity)
    }
    return order.refresh()
  })
}
