import { fail } from '../../foundation/errors/catalog.ts'
import { parseAddressList } from '../../foundation/network/address-list.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Addresses and networks (CIDR, IPv4 and IPv6, or `loopback`, `private`) that may ask; others get 403. An empty list
     * lets nobody in, `false` lifts a group's list.
     */
    readonly ipAllow?: readonly string[] | false
  }
}

export const ipAllowOption = defineRouteOption({
  name: 'ipAllow',
  compile: (value, route) => {
    if (value === undefined || value === false) return undefined
    const allowed = parseAddressList(value, `ipAllow of route ${route.name}`)
    return {
      name: 'ipAllow',
      phase: 'admit',
      before: (ctx) => {
        if (!allowed.has(ctx.ip)) throw fail('ADDRESS_NOT_ALLOWED', undefined)
      },
    }
  },
  errors: (value) => (value === undefined || value === false ? [] : [{ status: 403, code: 'ADDRESS_NOT_ALLOWED', title: 'Forbidden' }]),
})
