import { belongsTo, enumeration, hasMany, integer, Model, string, timestamps, uuid } from '@glueful/database'
import { Customer } from './customer.ts'
import { OrderLine } from './order-line.ts'

export class Order extends Model('orders', {
  id: uuid().primary(),
  customerId: uuid().references('customers').index(),
  status: enumeration(['captured', 'refunded']).default('captured'),
  payment: enumeration(['on pickup', 'pending', 'paid']).default('on pickup'),
  /** Whole units of the currency. */
  total: integer(),
  currency: string(3),
  ...timestamps(),
}) {
  static relations = { customer: belongsTo(() => Customer), lines: hasMany(() => OrderLine) }
}
