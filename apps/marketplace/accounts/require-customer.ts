import { Conflict } from 'glueful'
import { User } from '../models/index.ts'

/**
 * The customer that a user is.
 * @throws 409 `NO_CUSTOMER` for sellers and operators
 */
export async function requireCustomer(userId: string) {
  const user = await User.with('customer').findOrFail(userId)
  if (user.customer === null) throw new Conflict('These credentials belong to nobody who buys.', { code: 'NO_CUSTOMER' })
  return user.customer
}
