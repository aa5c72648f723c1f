import { Forbidden } from 'glueful'
import { User } from '../models/index.ts'

/**
 * The id of the dealer that a user works for.
 * @throws 403 `NO_DEALER` for buyers and operators
 */
export async function requireDealer(userId: string): Promise<string> {
  const dealerId = (await User.find(userId))?.dealerId
  if (dealerId === null || dealerId === undefined) throw new Forbidden('These credentials belong to nobody who sells.', { code: 'NO_DEALER' })
  return dealerId
}
