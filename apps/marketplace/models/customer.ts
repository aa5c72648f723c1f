import { hasMany, Model, string, timestamps, uuid } from '@glueful/database'
import { Order } from './order.ts'
import { Review } from './review.ts'

export class Customer extends Model('customers', {
  id: uuid().primary(),
  name: string(120),
  email: string(254).unique(),
  city: string(80).nullable(),
  country: string(2),
  ...timestamps(),
}) {
  static relations = { orders: hasMany(() => Order), reviews: hasMany(() => Review) }
}
