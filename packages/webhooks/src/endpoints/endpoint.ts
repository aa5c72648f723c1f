import type { Duration } from 'glueful'
import { fail } from '../errors.ts'
import type { SigningAlgorithm } from '../signing/signing-key.ts'

/** Why an endpoint gets nothing: somebody said so, it answered 410, or it failed for too long. */
export type DisabledReason = 'manual' | 'gone' | 'failing'

/** A receiver of webhooks, as everybody may see it. */
export interface Endpoint {
  readonly id: string
  readonly tenant: string
  readonly url: string
  readonly events: readonly string[]
  readonly description: string
  /** Deliveries at once; null is what `webhooks()` says. */
  readonly concurrency: number | null
  /** Deliveries that may start within `perMs`; null is what `webhooks()` says. */
  readonly rate: EndpointRate | null
  readonly createdAt: number
  /** In ms since the epoch; null while it delivers. */
  readonly failingSince: number | null
  readonly disabledAt: number | null
  readonly disabledReason: DisabledReason | null
}

/** With the secrets that sign for it, the current one first. */
export interface SigningEndpoint extends Endpoint {
  readonly secrets: readonly string[]
}

export interface EndpointRate {
  readonly limit: number
  readonly perMs: number
}

/** What an endpoint may say of itself: stricter than what holds for all. They hold from the next event on. */
export interface EndpointLimits {
  /** Deliveries at once, over all workers; null is what `webhooks()` says. */
  readonly concurrency?: number | null
  /** Deliveries that may start within a time; null is what `webhooks()` says. */
  readonly rate?: { readonly limit: number; readonly per: Duration } | null
}

export interface NewEndpoint extends EndpointLimits {
  readonly tenant?: string
  readonly url: string
  /** `car.created`, `car.*`, `*`. Default: `['*']`. */
  readonly events?: readonly string[]
  readonly description?: string
  /** Default: `hmac`. */
  readonly algorithm?: SigningAlgorithm
}

export interface EndpointChange extends EndpointLimits {
  readonly url?: string
  readonly events?: readonly string[]
  readonly description?: string
  readonly disabled?: boolean
}

/** Shown once: afterwards it is only there encrypted. */
export interface ShownSecret {
  /** What the receiver verifies with: `whsec_…`, or the public key `whpk_…`. */
  readonly secret: string
}

/** The tenant of applications that have none. */
export const onlyTenant = 'default'

/**
 * To databases that pad text, `a` and `a ` are one tenant.
 * @throws `WEBHOOK_TENANT_INVALID`
 */
export function requireTenant(tenant: string): void {
  if (tenant === '' || tenant.length > 191 || tenant.trim() !== tenant) throw fail('WEBHOOK_TENANT_INVALID', { found: tenant.slice(0, 191) })
}
