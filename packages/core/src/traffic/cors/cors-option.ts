import { fail } from '../../foundation/errors/catalog.ts'
import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { isOrigin, parseSubdomains } from '../../foundation/network/origin-pattern.ts'
import type { Context } from '../../http/context/context.ts'
import { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'

/** Which pages of other origins may read the answers (Fetch, 3.2). */
export interface Cors {
  /** Exact origins (`https://shop.example.com`), one level of subdomains (`https://*.example.com`), or `*` for every origin, then without credentials. */
  readonly origins: readonly string[]
  /** Methods besides GET, HEAD and POST. Default: those that the path answers. */
  readonly methods?: readonly string[]
  /** Request headers that scripts may set. Default: authorization, content-type, idempotency-key, if-match, if-none-match, x-request-id. */
  readonly headers?: readonly string[]
  /** Answer headers that scripts may read. Default: etag, link, location, retry-after, x-request-id and the rate limit headers. */
  readonly exposed?: readonly string[]
  /** Cookies and HTTP authentication. Default: false. */
  readonly credentials?: boolean
  /** How long a browser may remember a preflight. Default: 10 minutes. */
  readonly maxAge?: Duration
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /** Cross-origin access by allow-list, or none (`false`). Default: the origins in CORS_ALLOW_ORIGINS. */
    readonly cors?: Cors | false
  }
}

const defaultHeaders = ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'x-request-id']
const defaultExposed = [
  'etag',
  'link',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'x-request-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
]

export const corsOption = defineRouteOption({
  name: 'cors',
  compile: (value, route) => {
    if (value === undefined || value === false || value.origins.length === 0) return undefined
    const allows = compileOrigins(value, route.name)
    const any = value.origins.includes('*')
    const credentials = value.credentials === true
    const exposed = (value.exposed ?? defaultExposed).join(', ')
    const allowHeaders = (value.headers ?? defaultHeaders).join(', ')
    const maxAge = String(Math.floor(parseDuration(value.maxAge ?? '10m', `cors.maxAge of route ${route.name}`) / 1000))

    const before = (ctx: Context): Reply | void => {
      const origin = ctx.readHeader('origin')
      const isPreflight = ctx.method === 'OPTIONS' && ctx.readHeader('access-control-request-method') !== undefined
      if (origin === undefined || !allows(origin)) return isPreflight ? new Reply(204, 'empty', undefined) : undefined
      ctx.outgoing.push('access-control-allow-origin', any ? '*' : origin)
      if (credentials) ctx.outgoing.push('access-control-allow-credentials', 'true')
      if (!isPreflight) {
        ctx.outgoing.push('access-control-expose-headers', exposed)
        return undefined
      }
      const methods = value.methods?.join(', ') ?? (ctx.readHeader('access-control-request-method') as string)
      return new Reply(204, 'empty', undefined, [
        'access-control-allow-methods',
        methods,
        'access-control-allow-headers',
        allowHeaders,
        'access-control-max-age',
        maxAge,
      ])
    }
    // The answer depends on Origin even where it is refused, or a shared cache would hand it to the wrong page.
    return { name: 'cors', phase: 'edge', before, ...(any ? {} : { constantHeaders: ['vary', 'origin'] }) }
  },
})

function compileOrigins(cors: Cors, route: string): (origin: string) => boolean {
  if (cors.origins.includes('*')) {
    if (cors.credentials === true) throw fail('CORS_ANY_ORIGIN_WITH_CREDENTIALS', { route })
    return () => true
  }
  const exact: string[] = []
  const suffixes: { scheme: string; suffix: string }[] = []
  for (const origin of cors.origins) {
    const below = parseSubdomains(origin)
    if (below !== undefined) suffixes.push(below)
    else if (isOrigin(origin)) exact.push(origin)
    else throw fail('CORS_ORIGIN_INVALID', { route, found: origin })
  }
  // Lists are short, and looking into a Set has to hash a text that came with the request.
  if (suffixes.length === 0) return (origin) => exact.includes(origin)
  return (origin) =>
    exact.includes(origin) ||
    suffixes.some(({ scheme, suffix }) => {
      if (!origin.startsWith(scheme) || !origin.endsWith(suffix)) return false
      return /^[a-z0-9-]+$/.test(origin.slice(scheme.length, -suffix.length))
    })
}
