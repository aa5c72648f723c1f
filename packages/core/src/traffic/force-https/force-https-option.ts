import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Answers over HTTPS only: browsers that navigate here are redirected with 308, programs are refused (403
     * `HTTPS_REQUIRED`), because one that is redirected sends its credentials in the clear each time and nobody notices.
     * Default: FORCE_HTTPS. Behind a proxy that ends TLS, TRUST_PROXY must be set too.
     */
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
        if (!navigates(ctx)) throw fail('HTTPS_REQUIRED', undefined)
        const query = ctx.search === '' ? '' : `?${ctx.search}`
        // As it was sent: what no route matched has not been decoded.
        const { pathname } = new URL(ctx.request.url)
        return new Reply(308, 'empty', undefined, ['location', `https://${ctx.host.replace(/:\d+$/, '')}${pathname}${query}`])
      },
    }
  },
})

/** What a browser does with an address that somebody typed or clicked; programs ask for other types, and bring credentials. */
function navigates(ctx: Context): boolean {
  return (
    (ctx.method === 'GET' || ctx.method === 'HEAD') && ctx.readHeader('authorization') === undefined && /\btext\/html\b/i.test(ctx.readHeader('accept') ?? '')
  )
}
