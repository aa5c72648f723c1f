import { policy } from '@glueful/auth'
import type { Identity } from 'glueful'
import { Car, Order, User } from '../models/index.ts'

/** What roles may do besides what the framework's own roles may. */
export const roles = {
  buyer: ['orders.create', 'orders.view', 'reviews.create'],
  seller: ['cars.*', 'apikeys.own', 'webhooks.*'],
  operator: ['orders.refund', 'orders.view', 'market.view'],
  observer: ['market.view'],
}

const isAdmin = (user: Identity) => user.roles.includes('admin')

/** Who may do what with one car or order. */
export const policies = [
  policy(Car, { change: async (user, car) => isAdmin(user) || (await User.find(user.id))?.dealerId === car.dealerId }),
  policy(Order, {
    view: async (user, order) => isAdmin(user) || user.roles.includes('operator') || (await User.find(user.id))?.customerId === order.customerId,
  }),
]
