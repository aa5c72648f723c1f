import { strategy, type Context, type Identity } from 'glueful'
import { identityOf } from '../access/identity-of.ts'
import { ApiKeys } from '../api-keys/api-keys.ts'
import { KeyUsage } from '../api-keys/key-usage.ts'
import { isWithin } from '../api-keys/networks.ts'
import { fail } from '../errors.ts'
import { Users } from '../users/user-store.ts'

/**
 * API keys, in `X-API-Key`, `Authorization: ApiKey …` or `Authorization: Bearer gf_…`; never in the query. A key acts for
 * its user, with the user's roles and its own scopes.
 */
export const apiKeyStrategy = strategy('apiKey', {
  challenge: 'ApiKey',
  scheme: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  authenticate: (ctx) => {
    const text = keyOf(ctx)
    return text === undefined ? undefined : authenticate(ctx, text)
  },
})

async function authenticate(ctx: Context, text: string): Promise<Identity> {
  const key = await ctx.runtime.use(ApiKeys).authenticate(text)
  if (key === undefined) throw fail('API_KEY_REFUSED', undefined)
  if (key.networks.length > 0 && !isWithin(key.networks, ctx.ip)) throw fail('API_KEY_ADDRESS', undefined)
  const user = await ctx.runtime.use(Users).findById(key.userId)
  if (user === undefined || user.active === false) throw fail('API_KEY_REFUSED', undefined)
  ctx.runtime.use(KeyUsage).count(key.id)
  return identityOf(user, 'apiKey', key.id, { scopes: key.scopes, ...(key.rateLimit === undefined ? {} : { rateLimit: key.rateLimit }) })
}

function keyOf(ctx: Context): string | undefined {
  const own = ctx.header('x-api-key')
  if (own !== undefined) return own
  const authorization = ctx.header('authorization')
  const match = authorization === undefined ? null : /^(?:apikey +(.+)|bearer +(gf_.+))$/i.exec(authorization)
  return match === null ? undefined : (match[1] ?? match[2])
}
