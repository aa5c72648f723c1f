import { service, type Service } from '../../foundation/services/service.ts'
import type { Context } from './context.ts'
import type { Identity } from './identity.ts'
import type { Awaitable } from './stage.ts'

/**
 * Decides what a caller may do. Routes ask it by `can`, and do not start without one; handlers by `authorize`. Anything
 * but `true` refuses, and so does an error.
 */
export interface Authorizer {
  /** Whether the caller (undefined: anonymous) holds a permission such as `orders.refund`. */
  can(identity: Identity | undefined, permission: string, ctx: Context): Awaitable<boolean>
  /**
   * Whether the caller may do something with this one subject: `refund` and an order. Undefined when no policy says
   * anything about it, which is a mistake of the application.
   */
  allows?(identity: Identity | undefined, ability: string, subject: object, ctx: Context): Awaitable<boolean | undefined>
}

export const Authorizer: Service<Authorizer> = service<Authorizer>('authorizer')
