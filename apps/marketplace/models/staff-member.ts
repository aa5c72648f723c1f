import { belongsTo, enumeration, Model, string, timestamps, uuid } from '@glueful/database'
import { Dealer } from './dealer.ts'

export class StaffMember extends Model('staff', {
  id: uuid().primary(),
  dealerId: uuid().references('dealers', 'id', { onDelete: 'cascade' }).index(),
  name: string(120),
  role: enumeration(['sales', 'service', 'manager']),
  phone: string(40).nullable(),
  ...timestamps(),
}) {
  static relations = { dealer: belongsTo(() => Dealer) }
}
