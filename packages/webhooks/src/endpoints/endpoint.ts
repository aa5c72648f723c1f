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

export interface NewEndpoint {
  readonly tenant?: string
  readonly url: string
  /** `car.created`, `car.*`, `*`. Default: `['*']`. */
  readonly events?: readonly string[]
  readonly description?: string
  /** Default: `hmac`. */
  readonly algorithm?: SigningAlgorithm
}

export interface EndpointChange {
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
