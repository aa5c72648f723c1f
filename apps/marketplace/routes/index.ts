import { auditRoutes, authRoutes } from '@glueful/auth'
import { webhookRoutes } from '@glueful/webhooks'
import { requireDealer } from '../accounts/require-dealer.ts'
import { accounts } from './accounts.ts'
import { admin } from './admin.ts'
import { apiKeys } from './api-keys.ts'
import { carDetails } from './car-details.ts'
import { cars } from './cars.ts'
import { dealers } from './dealers.ts'
import { orders } from './orders.ts'
import { photos } from './photos.ts'
import { reviews } from './reviews.ts'

export const routes = {
  cars,
  carDetails,
  photos,
  dealers,
  reviews,
  orders,
  accounts,
  ...authRoutes(),
  apiKeys,
  ...webhookRoutes({ tenant: ({ user }) => requireDealer(user.id) }),
  admin,
  ...auditRoutes(),
}
