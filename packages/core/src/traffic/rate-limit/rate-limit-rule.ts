import type { Duration } from '../../foundation/duration.ts'
import type { Context } from '../../http/context/context.ts'

/** What becomes of a request whose limit cannot be asked for: admitted, refused (503), or counted in this process alone. */
export type OnStoreLoss = 'open' | 'closed' | 'local'

/** Who a limit is for. */
export type LimitSubject =
  /** The authenticated caller, else the address. */
  | 'user'
  /** The address; IPv6 by /64, and IPv4 mapped into IPv6 as IPv4. */
  | 'ip'
  /** The API key of the caller, else as `user`. */
  | 'key'
  /** All callers together. */
  | 'route'
  /** The value of a header that a trusted party sets; without it, the address. */
  | { readonly header: string }
  /** What the function says; where it says nothing, the address. Runs after authentication. */
  | ((ctx: Context) => string | undefined)

/** One limit: so many attempts in so much time, for each subject. */
export interface RateLimitRule {
  /** How much is admitted; `'unlimited'` for a tier without a limit. */
  readonly attempts: number | 'unlimited'
  /** In how much time: a duration, or the calendar day or month in UTC, for quotas. */
  readonly per?: Duration | 'day' | 'month'
  /** Default: `user`. */
  readonly by?: LimitSubject
  /** The plans (`identity.plan`) for which this rule takes the place of the rules of the same `by` that name none. */
  readonly tier?: string | readonly string[]
  /** What the request costs; a function runs after the request is read. More than `attempts` counts as `attempts`. Default: 1. */
  readonly cost?: number | ((ctx: Context) => number)
  /** How many attempts may come at once; they come back one by one (`algorithm: 'bucket'`). Default: `attempts`. */
  readonly burst?: number
  /**
   * `sliding`: never more than `attempts` in any stretch of `per`. `fixed`: from a subject's first attempt on, until `per`
   * has passed. `bucket`: one attempt comes back each `per / attempts`. Default: `sliding`; with `burst`, `bucket`.
   */
  readonly algorithm?: 'sliding' | 'fixed' | 'bucket'
  /** Routes whose rules have the same name share one budget; clients see it in RateLimit-Policy. Default: the route has its own. */
  readonly name?: string
  /** Default: `local`. Logins should say `closed`. */
  readonly onStoreLoss?: OnStoreLoss
  /** Admits less while the process is overloaded, down to this part of `attempts`; `true` is 0.1. Default: false. */
  readonly adaptive?: boolean | number
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * How often the route may be asked: rules that must all admit a request. Refused with 429 and Retry-After. `false`
     * lifts the limits of the group or application. No address is exempt. Default: none.
     */
    readonly rateLimit?: RateLimitRule | readonly RateLimitRule[] | false
  }
}
