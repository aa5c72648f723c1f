import { randomUUID } from 'node:crypto'
import { service, type Awaitable, type Clock, type Identity, type Service } from 'glueful'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import { fail } from '../errors.ts'
import type { KeyRing } from './key-ring.ts'
import { createTokenCache } from './token-cache.ts'
import type { TokenKey } from './token-key.ts'

/** What a token says of its bearer. */
export interface TokenGrant {
  /** The user's id. */
  readonly subject: string
  /** The session or family that it ends with. Default: one of its own. */
  readonly session?: string
  readonly roles?: readonly string[]
  readonly scopes?: readonly string[]
  readonly plan?: string
}

export interface IssuedToken {
  readonly token: string
  /** Seconds. */
  readonly expiresIn: number
}

/** A token whose signature, times, issuer and audience are as they should be, and that is not revoked. */
export interface VerifiedToken extends Required<Omit<TokenGrant, 'plan'>> {
  readonly id: string
  readonly plan: string | undefined
  /** In ms since the epoch. */
  readonly expiresAt: number
  readonly kid: string
  /** The same as an identity of the strategy `jwt`. */
  readonly identity: Identity
}

/** Issues and verifies access tokens (JWT, RFC 7519 and 9068). */
export interface Tokens {
  /** `iss` of the tokens. */
  readonly issuer: string
  issue(grant: TokenGrant): Promise<IssuedToken>
  /**
   * At once for a token that was verified before, later for others.
   * @throws `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`, all of status 401
   */
  verify(token: string): Awaitable<VerifiedToken>
}

export const Tokens: Service<Tokens> = service<Tokens>('tokens')

export interface TokensOptions {
  readonly keys: KeyRing
  readonly issuer: string
  readonly audience: string
  readonly clock: Clock
  /** Whether a session or token ended before its time; asked for every token, each time. */
  readonly isRevoked: (id: string) => boolean
  /** How long tokens live, in ms. Default: 15 minutes. */
  readonly lifetime?: number
  /** How far clocks may differ, in ms. Default: 5,000. */
  readonly skew?: number
  /** Verified tokens that are remembered. Default: 10,000. */
  readonly cacheSize?: number
}

const longestToken = 8_192
const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** RFC 9068, 2.1: so that no other JWT signed with the same key is taken for an access token. */
const type = 'at+jwt'

export function createTokens(options: TokensOptions): Tokens {
  const { keys, issuer, audience, clock, isRevoked, lifetime = 900_000, skew = 5_000, cacheSize = 10_000 } = options
  const cache = createTokenCache<VerifiedToken>(cacheSize)

  function verify(token: string): Awaitable<VerifiedToken> {
    const known = cache.get(token)
    if (known === undefined || keys.find(known.kid) === undefined) return verifyAnew(token)
    return checked(known)
  }

  /** What may change while the token stays the same. */
  function checked(token: VerifiedToken): VerifiedToken {
    if (token.expiresAt + skew <= clock.now()) throw fail('TOKEN_EXPIRED', undefined)
    if (isRevoked(token.session) || isRevoked(token.id)) throw fail('TOKEN_REVOKED', undefined)
    return token
  }

  async function verifyAnew(token: string): Promise<VerifiedToken> {
    const key = await keyOf(token)
    const payload = await payloadOf(token, key)
    const verified = toVerified(payload, key.kid)
    cache.set(token, verified)
    return checked(verified)
  }

  async function keyOf(token: string): Promise<TokenKey> {
    if (token.length > longestToken || !shape.test(token)) throw fail('TOKEN_INVALID', undefined)
    const { kid, alg } = headerOf(token)
    if (typeof kid !== 'string') throw fail('TOKEN_INVALID', undefined)
    const key = keys.find(kid) ?? ((await keys.refresh()) ? keys.find(kid) : undefined)
    if (key === undefined || key.algorithm !== alg) throw fail('TOKEN_INVALID', undefined)
    return key
  }

  async function payloadOf(token: string, key: TokenKey): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, key.verifying, {
        algorithms: [key.algorithm],
        issuer,
        audience,
        typ: type,
        clockTolerance: skew / 1_000,
        currentDate: new Date(clock.now()),
        requiredClaims: ['sub', 'jti', 'exp', 'iat'],
      })
      return payload
    } catch (cause) {
      if (cause instanceof errors.JWTExpired) throw fail('TOKEN_EXPIRED', undefined)
      if (cause instanceof errors.JOSEError) throw fail('TOKEN_INVALID', undefined, { cause })
      throw cause
    }
  }

  return {
    issuer,
    verify,
    async issue({ subject, session, roles = [], scopes = [], plan }) {
      const key = keys.current()
      const id = randomUUID()
      const now = Math.floor(clock.now() / 1_000)
      const expiresIn = Math.floor(lifetime / 1_000)
      const claims = { sid: session ?? id, scope: scopes.join(' '), roles, ...(plan === undefined ? {} : { plan }) }
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: type })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setJti(id)
        .setIssuedAt(now)
        .setExpirationTime(now + expiresIn)
        .sign(key.signing as NonNullable<TokenKey['signing']>)
      return { token, expiresIn }
    },
  }
}

function headerOf(token: string): { kid?: unknown; alg?: unknown } {
  try {
    return decodeProtectedHeader(token)
  } catch (cause) {
    throw fail('TOKEN_INVALID', undefined, { cause })
  }
}

function toVerified(payload: JWTPayload, kid: string): VerifiedToken {
  const { sub, jti, exp, sid, scope, roles, plan } = payload
  const texts = Array.isArray(roles) && roles.every((role) => typeof role === 'string')
  if (typeof sub !== 'string' || sub === '' || typeof jti !== 'string' || (roles !== undefined && !texts)) throw fail('TOKEN_INVALID', undefined)
  const grant = {
    session: typeof sid === 'string' ? sid : jti,
    roles: Object.freeze(texts ? (roles as string[]) : []),
    scopes: Object.freeze(typeof scope === 'string' && scope !== '' ? scope.split(' ') : []),
    plan: typeof plan === 'string' ? plan : undefined,
  }
  // Every request with this token gets the same object, so nobody may change it.
  const identity: Identity = Object.freeze({
    id: sub,
    roles: grant.roles,
    scopes: grant.scopes,
    strategy: 'jwt',
    credential: grant.session,
    ...(grant.plan === undefined ? {} : { plan: grant.plan }),
  })
  return { ...grant, id: jti, subject: sub, expiresAt: (exp as number) * 1_000, kid, identity }
}
