import { createHttpClient, type Clock } from 'glueful'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose'
import { fail } from '../errors.ts'

export interface ForeignKeysOptions {
  /** Where the issuer publishes its keys (RFC 7517). HTTPS outside of tests. */
  readonly url: string
  readonly clock: Clock
  /** How long keys are used before they are fetched again, in ms. Default: 10 minutes. */
  readonly maxAge?: number
  /** Least time between two fetches, whatever tokens say and however the last one went, in ms. Default: 30 seconds. */
  readonly cooldown?: number
  /** Instead of the network, in tests. */
  readonly fetch?: (request: Request) => Promise<Response>
}

const mostKeys = 100

/**
 * Keys of another issuer, fetched when first needed. A token with an unknown `kid` leads to one fetch at most in
 * `cooldown`, so that forged tokens can't make this service ask the issuer again and again; while it is away the keys
 * that are known stay in use.
 */
export function createForeignKeys({ url, clock, fetch, maxAge = 600_000, cooldown = 30_000 }: ForeignKeysOptions): JWTVerifyGetKey {
  const place = new URL(url)
  const base = new URL('.', place)
  const http = createHttpClient({ name: 'key set', baseUrl: base.href, attempts: 1, timeout: '3s', ...(fetch === undefined ? {} : { fetch }) })
  let known: LocalJWKSet | undefined
  let askedAt = -Infinity
  let fetchedAt = -Infinity
  let fetching: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    askedAt = clock.monotonic()
    const answer = await http.get(place.href.slice(base.href.length))
    const { keys } = ((await answer.json()) ?? {}) as { keys?: unknown }
    if (!Array.isArray(keys) || keys.length > mostKeys) throw fail('FOREIGN_KEYS_UNAVAILABLE', { url, reason: 'the answer is no key set' })
    // Symmetric keys have no place in a published set; one would let everybody sign.
    known = createLocalJWKSet({ keys: keys.filter((key: { kty?: unknown }) => key.kty !== 'oct') } as JSONWebKeySet)
    fetchedAt = clock.monotonic()
  }

  /** Resolves to whether it fetched. Without keys a failure is the caller's; with older ones it is not. */
  async function refresh(): Promise<boolean> {
    if (fetching === undefined && clock.monotonic() - askedAt < cooldown) return false
    try {
      await (fetching ??= fetchKeys().finally(() => (fetching = undefined)))
      return true
    } catch (cause) {
      if (known !== undefined) return false
      throw fail('FOREIGN_KEYS_UNAVAILABLE', { url, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
    }
  }

  return async (header, token) => {
    if (known === undefined || clock.monotonic() - fetchedAt > maxAge) await refresh()
    if (known === undefined) throw fail('FOREIGN_KEYS_UNAVAILABLE', { url, reason: 'the last attempt failed a moment ago' })
    try {
      return await known(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await refresh())) throw error
      return known(header, token)
    }
  }
}
