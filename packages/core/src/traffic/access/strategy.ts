import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import { givenStrategy, type Identity } from '../../http/context/identity.ts'
import type { Awaitable } from '../../http/context/stage.ts'

/** One way to find out who makes a request. */
export interface AuthStrategy {
  readonly kind: 'strategy'
  readonly name: string
  /**
   * The caller; undefined when the request carries no credentials of this kind. Credentials that are there and not valid
   * are an error of status 401: no other strategy makes up for them.
   */
  readonly authenticate: (ctx: Context) => Awaitable<Identity | undefined>
  /** Scheme of the WWW-Authenticate header of a 401 (RFC 9110, 11.6.1). Default: the strategy's name. */
  readonly challenge: string
  /** OpenAPI security scheme object, shown under the strategy's name. */
  readonly scheme: Readonly<Record<string, unknown>>
}

export interface StrategyDefinition {
  readonly authenticate: AuthStrategy['authenticate']
  readonly challenge?: string
  /** Default: an `http` scheme of the challenge's name. */
  readonly scheme?: Readonly<Record<string, unknown>>
}

/**
 * Declares a way to authenticate, for `strategies` of an application or extension; routes name it in `auth`.
 * @throws `AUTH_STRATEGY_INVALID` for a name that is reserved or no word.
 *
 * @example
 * strategy('partner', {
 *   authenticate: (ctx) => {
 *     const signature = ctx.header('x-partner-signature')
 *     return signature === undefined ? undefined : ctx.use(Partners).identify(signature)
 *   },
 * })
 */
export function strategy(name: string, definition: StrategyDefinition): AuthStrategy {
  const { authenticate, challenge = name, scheme = { type: 'http', scheme: challenge } } = definition
  if (!/^[A-Za-z][\w-]{0,63}$/.test(name) || name === 'optional' || name === givenStrategy) throw fail('AUTH_STRATEGY_INVALID', { name })
  return { kind: 'strategy', name, authenticate, challenge, scheme }
}
