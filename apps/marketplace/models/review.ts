import { belongsTo, integer, Model, text, timestamps, uuid } from '@glueful/database'
import { Customer } from './customer.ts'
import { Dealer } from './dealer.ts'

export class Review extends Model('reviews', {
  id: uuid().primary(),
  dealerId: uuid().references('dealers', 'id', { onDelete: 'cascade' }).index(),
  customerId: uuid().references('customers', 'id', { onDelete: 'cascade' }).index(),
  /** One to five stars. */
  stars: integer(),
  text: text(),
  ...timestamps(),
}) {
  static relations = { dealer: belongsTo(() => Dealer), customer: belongsTo(() => Customer) }
}
