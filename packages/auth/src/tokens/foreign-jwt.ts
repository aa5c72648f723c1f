import { strategy, type AuthStrategy, type Awaitable, type Context, type Identity } from 'glueful'
import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { fail } from '../errors.ts'
import { bearerOf } from './bearer.ts'
import { createForeignKeys, type ForeignKeysOptions } from './foreign-keys.ts'
import { createTokenCache } from './token-cache.ts'

export interface ForeignJwtOptions extends Pick<ForeignKeysOptions, 'maxAge' | 'cooldown' | 'fetch'> {
  /** `iss` of the tokens. */
  readonly issuer: string
  /** `aud` that the tokens must name: this API. */
  readonly audience: string
  /** Where the issuer publishes its keys. */
  readonly keys: string
  /** What the issuer signs with. Default: ES256, EdDSA and RS256. */
  readonly algorithms?: readonly string[]
  /** Who the token stands for; undefined refuses it. Default: `sub`, with the scopes of `scope` and no roles. */
  readonly identify?: (payload: JWTPayload, ctx: Context) => Awaitable<Omit<Identity, 'strategy'> | undefined>
  /** Verified tokens that are remembered until they expire. Default: 10,000. */
  readonly cacheSize?: number
}

const skew = 5_000

/**
 * A strategy for tokens that another issuer signs. Symmetric algorithms are never accepted.
 *
 * @example
 * strategy list: [foreignJwt('partner', { issuer: 'https://login.example.com', audience: 'orders', keys: 'https://login.example.com/jwks.json' })]
 *
 * @throws `TOKEN_INVALID`, `TOKEN_EXPIRED` (401), `FOREIGN_KEYS_UNAVAILABLE` (503)
 */
export function foreignJwt(name: string, options: ForeignJwtOptions): AuthStrategy {
  const { issuer, audience, keys: url, identify = bySubject, cacheSize = 10_000, ...fetching } = options
  const algorithms = (options.algorithms ?? ['ES256', 'EdDSA', 'RS256']).filter((algorithm) => !algorithm.startsWith('HS'))
  const cache = createTokenCache<JWTPayload & { exp: number }>(cacheSize)
  let keys: JWTVerifyGetKey | undefined

  async function verify(token: string, ctx: Context): Promise<JWTPayload> {
    keys ??= createForeignKeys({ ...fetching, url, clock: ctx.clock })
    if (token.length > 8_192) throw fail('TOKEN_INVALID', undefined)
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer,
        audience,
        clockTolerance: skew / 1_000,
        currentDate: new Date(ctx.clock.now()),
        requiredClaims: ['sub', 'exp'],
      })
      cache.set(token, payload as JWTPayload & { exp: number })
      return payload
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) throw fail('TOKEN_EXPIRED', undefined)
      if (cause instanceof errors.JOSEError) throw fail('TOKEN_INVALID', undefined, { cause })
      throw cause
    }
  }

  return strategy(name, {
    challenge: 'Bearer',
    scheme: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: `Token of ${issuer}` },
    authenticate: (ctx) => {
      const token = bearerOf(ctx)
      if (token === undefined) return undefined
      const known = cache.get(token)
      return known === undefined && issuerOf(token) !== issuer ? undefined : authenticate(ctx, token, known)
    },
  })

  async function authenticate(ctx: Context, token: string, known: (JWTPayload & { exp: number }) | undefined): Promise<Identity> {
    const payload = known !== undefined && known.exp * 1_000 + skew > ctx.clock.now() ? known : await verify(token, ctx)
    const found = await identify(payload, ctx)
    if (found === undefined) throw fail('TOKEN_INVALID', undefined)
    return { ...found, strategy: name }
  }
}

/** What the token says before it is believed: by it each strategy knows the tokens that are its own to judge. */
function issuerOf(token: string): unknown {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

function bySubject({ sub, scope }: JWTPayload): Omit<Identity, 'strategy'> {
  return { id: sub as string, roles: [], scopes: typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : [] }
}
