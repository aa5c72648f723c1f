import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import type { Awaitable } from '../../http/context/stage.ts'
import { parseCacheControl, type Directives } from './cache-control.ts'
import { canonicalQuery, keyOf } from './cache-key.ts'
import type { CacheRules } from './read-cache-option.ts'

export type Next = (other?: Context) => Awaitable<Reply>

/** A request as the cache sees it. */
export interface Asked {
  readonly ctx: Context
  readonly next: Next
  readonly directives: Directives
  /** Whether the request says who it is from. */
  readonly hasCredentials: boolean
  /** Where the route's answers to such requests are, or an index of headers by which they differ further. */
  readonly baseKey: string
  /** Where the answer is: `baseKey`, or the variant's. */
  readonly key: string
  /** Headers of the index. */
  readonly vary: readonly string[]
}

const noDirectives = parseCacheControl(undefined)

/** Reads a request; undefined where it could be anyone's: credentials that nobody has understood. */
export function readAsked(ctx: Context, next: Next, rules: CacheRules): Asked | undefined {
  const hasCredentials = ctx.identity !== undefined || ctx.readHeader('authorization') !== undefined
  const byUser = rules.by === 'user'
  if (byUser && ctx.identity === undefined && hasCredentials) return undefined
  const identity = byUser ? ctx.identity : undefined
  // Anonymous and known callers never share a key, whatever an identity's id is.
  const owner = [identity === undefined ? 'anonymous' : 'known', identity?.id]
  const place = [ctx.route?.name, ctx.apiVersion, ctx.protocol, ctx.host, ctx.path, canonicalQuery(ctx.search)]
  const baseKey = keyOf([...place, ...owner, ...rules.vary.map((name) => ctx.readHeader(name))])
  const directives = rules.clientDirectives ? directivesOf(ctx) : noDirectives
  return { ctx, next, directives, hasCredentials, baseKey, key: baseKey, vary: [] }
}

/** The same request among answers that differ by further headers. */
export function variantOf(asked: Asked, vary: readonly string[]): Asked {
  return { ...asked, vary, key: variantKey(asked, vary) }
}

export function variantKey({ ctx, baseKey }: Pick<Asked, 'ctx' | 'baseKey'>, vary: readonly string[]): string {
  return keyOf([baseKey, ...vary.flatMap((name) => [name, ctx.readHeader(name)])])
}

function directivesOf(ctx: Context): Directives {
  const field = ctx.readHeader('cache-control')
  if (field !== undefined) return parseCacheControl(field)
  // What clients said before there was Cache-Control (RFC 9111, 5.4).
  return ctx.readHeader('pragma')?.toLowerCase().includes('no-cache') === true ? parseCacheControl('no-cache') : noDirectives
}
