import { belongsTo, integer, Model, uuid } from '@glueful/database'
import { Car } from './car.ts'
import { Order } from './order.ts'

export class OrderLine extends Model('order_lines', {
  id: uuid().primary(),
  orderId: uuid().references('orders', 'id', { onDelete: 'cascade' }).index(),
  carId: uuid().references('cars').index(),
  quantity: integer(),
  /** Of one, when it was ordered. */
  price: integer(),
}) {
  static relations = { order: belongsTo(() => Order), car: belongsTo(() => Car) }
}
