import { fail } from '../../foundation/errors/catalog.ts'
import { isHostPattern } from '../../foundation/network/host-pattern.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Host names that requests may be addressed to (`api.example.com`, `*.example.com`), without port; others get 421.
     * `false` answers under any name. Default: ALLOWED_HOSTS, or any.
     */
    readonly hosts?: readonly string[] | false
  }
}

export const hostsOption = defineRouteOption({
  name: 'hosts',
  compile: (value, route) => {
    if (value === undefined || value === false || value.length === 0) return undefined
    for (const name of value) if (!isHostPattern(name)) throw fail('HOST_INVALID', { route: route.name, found: name })
    const exact = new Set(value.filter((name) => !name.startsWith('*.')))
    const suffixes = value.filter((name) => name.startsWith('*.')).map((name) => name.slice(1))
    return {
      name: 'hosts',
      phase: 'edge',
      before: (ctx) => {
        const host = ctx.host.toLowerCase().replace(/:\d+$/, '')
        if (!exact.has(host) && !suffixes.some((suffix) => host.endsWith(suffix) && host.length > suffix.length)) throw fail('HOST_NOT_ALLOWED', undefined)
      },
    }
  },
})
