import { service, type Service } from '../../foundation/services/service.ts'
import type { Context } from '../../http/context/context.ts'
import type { Identity } from '../../http/context/identity.ts'
import type { Awaitable } from '../../http/context/stage.ts'

/** Decides what a caller may do. Routes ask it by `can`; a route with `can` does not start without one. */
export interface Authorizer {
  /**
   * Whether the caller (undefined: anonymous) holds a permission such as `orders.refund`. Anything but `true` refuses,
   * and so does an error.
   */
  can(identity: Identity | undefined, permission: string, ctx: Context): Awaitable<boolean>
}

export const Authorizer: Service<Authorizer> = service<Authorizer>('authorizer')
