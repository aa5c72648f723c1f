/**
 * Who makes the request, whichever strategy found it out. Applications add fields by declaration merging:
 * `declare module 'glueful' { interface Identity { readonly email?: string } }`.
 */
export interface Identity {
  /** The user's, or that of the machine that a key was made for. */
  readonly id: string
  readonly roles: readonly string[]
  /** What the credentials may be used for; wildcards are allowed (`orders:*`, `*`). None means no scoped route at all. */
  readonly scopes: readonly string[]
  /** The name of the strategy that found it out, such as `jwt`. */
  readonly strategy: string
  /** Tier for rate limits, such as `pro`. */
  readonly plan?: string
  /** Which of the caller's credentials was used: the id of the session, the token or the API key. */
  readonly credential?: string
  /** Requests a minute that these credentials allow, where they say so themselves. */
  readonly rateLimit?: number
}

/** Strategy of an identity that the caller of `app.fetch` vouches for; every route accepts it. */
export const givenStrategy = 'given'
