import { event, type Event } from '../../foundation/events/event.ts'

/** Somebody asked for what they may not have. */
export interface AccessDenied {
  /** Undefined for anonymous callers. */
  readonly identityId: string | undefined
  /** The route's name. */
  readonly route: string
  /** Permissions or scopes that were missing; empty when the caller was not known at all. */
  readonly missing: readonly string[]
  readonly ip: string
  readonly requestId: string
}

/** Emitted for every 401 and 403 that `auth`, `can` and `scopes` answer. */
export const AccessDenied: Event<AccessDenied> = event<AccessDenied>('access.denied')
