import { fail } from '../errors.ts'
import type { NewApiKey } from './api-keys.ts'
import { isNetwork } from './networks.ts'

/** Words between colons or dots, the last of which may be a wildcard; `*` alone is everything. */
const scope = /^(?:\*|[\w-]+(?:[.:][\w-]+)*(?:[.:]\*)?)$/

/** @throws `API_KEY_INVALID` */
export function checkNewKey({ userId, name, scopes = [], networks = [], rateLimit, expiresAt }: NewApiKey, now: number): void {
  const refuse = (reason: string) => fail('API_KEY_INVALID', { reason })
  if (userId === '' || userId.length > 191) throw refuse('its user has no id, or one of more than 191 characters')
  if (name === '' || name.length > 100) throw refuse('its name is empty or longer than 100 characters')
  const badScope = scopes.find((one) => !scope.test(one))
  if (badScope !== undefined) throw refuse(`${JSON.stringify(badScope)} is no scope ('orders:read', 'orders:*' and '*' are)`)
  const badNetwork = networks.find((one) => !isNetwork(one))
  if (badNetwork !== undefined) throw refuse(`${JSON.stringify(badNetwork)} is no address or network ('192.0.2.7', '10.0.0.0/8', '2001:db8::/32')`)
  if (rateLimit !== undefined && !(Number.isSafeInteger(rateLimit) && rateLimit > 0 && rateLimit <= 1_000_000))
    throw refuse(`its rate limit is ${rateLimit}, not 1 to 1000000 requests a minute`)
  if (expiresAt !== undefined && !(expiresAt > now)) throw refuse('it would have expired already')
}
