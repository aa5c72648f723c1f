import { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Redirects plain HTTP to HTTPS with 308. Default: FORCE_HTTPS. Behind a proxy that ends TLS, TRUST_PROXY must be set too. */
    readonly forceHttps?: boolean
  }
}

export const forceHttpsOption = defineRouteOption({
  name: 'forceHttps',
  compile: (value) => {
    if (value !== true) return undefined
    return {
      name: 'forceHttps',
      phase: 'edge',
      before: (ctx) => {
        if (ctx.protocol === 'https') return undefined
        const query = ctx.search === '' ? '' : `?${ctx.search}`
        const path = encodeURI(ctx.path).replaceAll('?', '%3F').replaceAll('#', '%23')
        return new Reply(308, 'empty', undefined, ['location', `https://${ctx.host.replace(/:\d+$/, '')}${path}${query}`])
      },
    }
  },
})
