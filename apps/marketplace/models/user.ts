import { belongsTo, boolean, enumeration, Model, string, text, timestamp, timestamps, uuid } from '@glueful/database'
import { Customer } from './customer.ts'
import { Dealer } from './dealer.ts'

export const roles = ['buyer', 'seller', 'operator', 'developer', 'observer', 'admin'] as const
export const plans = ['free', 'pro', 'enterprise'] as const

/** Who may log in: buyers are customers, sellers work for a dealer. */
export class User extends Model('users', {
  id: uuid().primary(),
  name: string(120),
  email: string(254).unique(),
  passwordHash: text().nullable().hidden(),
  role: enumeration(roles).default('buyer'),
  plan: enumeration(plans).default('free'),
  dealerId: uuid().references('dealers').nullable().index(),
  customerId: uuid().references('customers').nullable().index(),
  verifiedAt: timestamp().nullable(),
  active: boolean().default(true),
  ...timestamps(),
}) {
  static relations = { dealer: belongsTo(() => Dealer, { optional: true }), customer: belongsTo(() => Customer, { optional: true }) }
}
