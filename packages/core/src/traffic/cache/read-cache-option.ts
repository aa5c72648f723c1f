import { checkTags } from '../../foundation/cache/cache-tags.ts'
import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { suggest } from '../../foundation/errors/suggest.ts'
import type { Context, RequestTools } from '../../http/context/context.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import { pathTag } from './cache-key.ts'
import type { EdgeHeaders } from './cdn/cdn.ts'
import type { Freshness } from './storage-rules.ts'

type TagReader = {
  read(ctx: RequestTools & { readonly params: Readonly<Record<string, string | number>>; readonly query: Readonly<Record<string, unknown>> }): readonly string[]
}['read']

export interface ResponseCache {
  /** How long a stored answer is fresh. What the answer's own Cache-Control or Expires says goes before it. */
  readonly ttl: Duration
  /** Names to flush the answers by, or a function of the request. They are read before the handler runs. */
  readonly tags?: readonly string[] | TagReader
  /** Request headers by which answers differ; added to Vary. An answer's own Vary counts as well. */
  readonly vary?: readonly string[]
  /**
   * `public`: one answer for everybody; what a request with credentials is answered is only stored where it says
   * `Cache-Control: public` (RFC 9111, 3.5). `user`: one for each identity, and one for all who have none.
   * Default: `user` where the route has `auth` or `can`, else `public`.
   */
  readonly by?: 'public' | 'user'
  /** How long after its time an answer is still given at once, while one run of the handler renews it. Default: not at all. */
  readonly staleWhileRevalidate?: Duration
  /** How long after its time an answer is still given when the handler fails (5xx). Default: not at all. */
  readonly staleIfError?: Duration
  /** How long clients may use their copy without asking. Default: not at all; they ask with If-None-Match and get 304. */
  readonly maxAge?: Duration
  /** How long CDNs may use their copy without asking; give it where tags are purged there. Default: as `maxAge`. */
  readonly sharedMaxAge?: Duration
  /** Whether Cache-Control of requests counts, such as `no-cache` and `max-age=0` (RFC 9111, 5.2.1: advisory). Default: true. */
  readonly clientDirectives?: boolean
  /** Stores answers that set cookies, without the cookies: only the one whose request made the handler run gets them. Default: false. */
  readonly allowSetCookie?: boolean
}

/** The option as the stages read it; durations in ms. */
export interface CacheRules {
  readonly ttl: number
  readonly tags: (ctx: Context) => readonly string[]
  readonly vary: readonly string[]
  readonly by: 'public' | 'user'
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  readonly clientDirectives: boolean
  readonly allowSetCookie: boolean
  /** The Cache-Control field for clients and CDNs. */
  readonly cacheControl: (freshness: Freshness) => string
  readonly edgeHeaders: EdgeHeaders
}

const fields = ['ttl', 'tags', 'vary', 'by', 'staleWhileRevalidate', 'staleIfError', 'maxAge', 'sharedMaxAge', 'clientDirectives', 'allowSetCookie']

/** @throws `CACHE_INVALID`, `INVALID_DURATION`, `CACHE_TAG_INVALID` */
export function readCacheOption(value: ResponseCache, route: CompiledRoute, edgeHeaders: EdgeHeaders): CacheRules {
  const refuse = (reason: string) => fail('CACHE_INVALID', { route: route.name, reason })
  if (typeof value !== 'object' || value === null) throw refuse(`it is ${JSON.stringify(value)}, and needs at least a ttl`)
  for (const field of Object.keys(value)) {
    if (fields.includes(field)) continue
    const near = suggest(field, fields)
    throw refuse(`nothing reads ${field}${near === undefined ? '' : ` – is ${near} meant?`}`)
  }
  const time = (field: 'ttl' | 'staleWhileRevalidate' | 'staleIfError' | 'maxAge' | 'sharedMaxAge') =>
    value[field] === undefined ? undefined : parseDuration(value[field], `cache.${field} of route ${route.name}`)
  const ttl = time('ttl')
  if (ttl === undefined || ttl === 0) throw refuse('it has no ttl')
  const guarded = (['auth', 'can'] as const).some((name) => {
    const said = (route.options as Readonly<Record<string, unknown>>)[name]
    return said !== undefined && said !== false
  })
  const by = value.by ?? (guarded ? 'user' : 'public')
  if (by !== 'public' && by !== 'user') throw refuse(`by is ${JSON.stringify(by)}, and may be 'public' or 'user'`)
  const vary = (value.vary ?? []).map((name) => name.toLowerCase())
  const bad = vary.find((name) => !/^[\w!#$%&'+.^`|~-]+$/.test(name))
  if (bad !== undefined) throw refuse(`vary names ${JSON.stringify(bad)}, which is no header`)
  return {
    ttl,
    by,
    vary,
    tags: readTags(value.tags),
    staleWhileRevalidate: time('staleWhileRevalidate') ?? 0,
    staleIfError: time('staleIfError') ?? 0,
    clientDirectives: value.clientDirectives ?? true,
    allowSetCookie: value.allowSetCookie ?? false,
    cacheControl: describe(by, time('maxAge') ?? 0, time('sharedMaxAge')),
    edgeHeaders,
  }
}

function readTags(tags: ResponseCache['tags'] = []): CacheRules['tags'] {
  if (typeof tags === 'function') return (ctx) => [...checkTags(tags(ctx as Parameters<TagReader>[0])), pathTag(ctx)]
  const own = checkTags(tags)
  return (ctx) => [...own, pathTag(ctx)]
}

/** `no-cache` is not `no-store`: clients keep a copy, and ask whether it is still current before they use it. */
function describe(by: 'public' | 'user', maxAge: number, sharedMaxAge: number | undefined): CacheRules['cacheControl'] {
  const seconds = (ms: number) => Math.floor(ms / 1000)
  const whom = by === 'public' ? 'public' : 'private'
  const shared = by === 'public' && sharedMaxAge !== undefined ? `, s-maxage=${seconds(sharedMaxAge)}` : ''
  const own = maxAge > 0 ? `max-age=${seconds(maxAge)}` : shared === '' ? 'no-cache' : 'max-age=0'
  return ({ staleWhileRevalidate, staleIfError }) => {
    if (own === 'no-cache') return `${whom}, no-cache`
    const stale =
      (staleWhileRevalidate > 0 ? `, stale-while-revalidate=${seconds(staleWhileRevalidate)}` : '') +
      (staleIfError > 0 ? `, stale-if-error=${seconds(staleIfError)}` : '')
    return `${whom}, ${own}${shared}${stale}`
  }
}
