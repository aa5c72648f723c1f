import type { CacheCounts } from '../../foundation/cache/cache-metrics.ts'
import type { CacheEntry, CacheStore } from '../../foundation/cache/cache-store.ts'
import type { FillOptions, SingleFlight } from '../../foundation/cache/single-flight.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../../http/context/context.ts'
import { DetachedContext } from '../../http/context/detached-context.ts'
import type { Reply } from '../../http/context/reply.ts'
import type { Awaitable } from '../../http/context/stage.ts'
import { replyOf } from '../../http/reply/kept-reply.ts'
import { readAsked, variantOf, type Asked, type Next } from './asked.ts'
import { secondsOf } from './cache-control.ts'
import { renderCacheStatus, type CacheOutcome, type Forwarded } from './cache-status.ts'
import type { CacheRules } from './read-cache-option.ts'
import { parseStored, type StoredAnswer } from './stored-answer.ts'
import { workOutAnswer, type Worked } from './work-out-answer.ts'

export interface ResponseCacheParts {
  readonly rules: CacheRules
  readonly store: CacheStore
  readonly flights: SingleFlight
  readonly counts: CacheCounts
  /** How long one process may work on an answer for itself, in ms. */
  readonly leaseMs: number
}

interface Stale {
  readonly entry: CacheEntry
  readonly stored: StoredAnswer
}

/** How long to wait for another process that works on the same answer, in ms. */
const waitMs = 10_000

/** Serves a route's answers from the store, and stores what may be stored (RFC 9111). */
export function createResponseCache({ rules, store, flights, counts, leaseMs }: ResponseCacheParts): (ctx: Context, next: Next) => Awaitable<Reply> {
  return (ctx, next) => {
    const asked = readAsked(ctx, next, rules)
    if (asked === undefined) return passBy(ctx, next, { why: 'bypass' })
    if (asked.directives.has('no-store')) return passBy(ctx, next, { why: 'request' })
    return lookUp(asked)
  }

  function lookUp(asked: Asked): Awaitable<Reply> {
    let entry: Awaitable<CacheEntry | undefined>
    try {
      entry = store.get(asked.key)
    } catch (error) {
      return withoutStore(asked, error)
    }
    if (!(entry instanceof Promise)) return decide(asked, entry)
    return entry.then(
      (late) => decide(asked, late),
      (error: unknown) => withoutStore(asked, error),
    )
  }

  function withoutStore({ ctx, next }: Asked, error: unknown): Awaitable<Reply> {
    noteStoreError(ctx, error)
    return passBy(ctx, next, { why: 'miss', detail: 'store-unavailable' })
  }

  function decide(asked: Asked, entry: CacheEntry | undefined): Awaitable<Reply> {
    if (entry === undefined) return miss(asked, undefined, asked.vary.length === 0 ? 'uri-miss' : 'vary-miss')
    const stored = parseStored(entry.data)
    if (!('vary' in stored)) return judge(asked, { entry, stored })
    return asked.vary.length === 0 ? lookUp(variantOf(asked, stored.vary)) : miss(asked, undefined, 'vary-miss')
  }

  /** Whether what is stored fits the request as it is (RFC 9111, 4.2 and 5.2.1). */
  function judge(asked: Asked, found: Stale): Awaitable<Reply> {
    const { ctx, directives } = asked
    const { entry, stored } = found
    const now = ctx.clock.now()
    const left = entry.freshUntil - now
    const oldest = secondsOf(directives, 'max-age')
    const insists =
      directives.has('no-cache') || (oldest !== undefined && now - entry.createdAt > oldest) || left < (secondsOf(directives, 'min-fresh') ?? -Infinity)
    if (insists) return miss(asked, found, left > 0 ? 'request' : 'stale')
    if (left > 0) {
      counts.hits.inc()
      return give(ctx, stored, { hit: true, ttl: left }, entry)
    }
    const tolerated = directives.get('max-stale') === true ? Infinity : (secondsOf(directives, 'max-stale') ?? -1)
    const mayBeStale = entry.keepUntil > entry.freshUntil
    if (mayBeStale && -left <= tolerated) return giveStale(ctx, found, 'max-stale')
    if (-left >= stored.staleWhileRevalidate) return miss(asked, found, 'stale')
    renew(asked)
    return giveStale(ctx, found, 'stale-while-revalidate')
  }

  function miss(asked: Asked, stale: Stale | undefined, why: Forwarded['why']): Awaitable<Reply> {
    const { ctx, next, directives } = asked
    counts.misses.inc()
    if (directives.has('only-if-cached')) throw fail('NOT_CACHED', undefined)
    // The answer to HEAD lacks what GET would be served.
    return ctx.method === 'GET' ? fill(asked, stale, why) : passBy(ctx, next, { why })
  }

  async function fill(asked: Asked, stale: Stale | undefined, why: Forwarded['why']): Promise<Reply> {
    const { ctx, next } = asked
    const detached = new DetachedContext(ctx)
    ctx.onEnd(() => detached.end())
    const filled = await flights.fill(asked.key, rules.tags(ctx), () => workOutAnswer(asked, detached, rules), options(asked, why === 'request'))
    if (filled.from === 'elsewhere') return passBy(ctx, next, { why })
    if (filled.from === 'store') {
      const stored = parseStored(filled.entry.data)
      if ('vary' in stored) return asked.vary.length === 0 ? lookUp(variantOf(asked, stored.vary)) : passBy(ctx, next, { why })
      return give(ctx, stored, { why, collapsed: true }, filled.entry)
    }
    const { value, leader } = filled
    const now = ctx.clock.now()
    if (value.reply.status >= 500 && stale !== undefined && now < stale.entry.freshUntil + stale.stored.staleIfError)
      return giveStale(ctx, stale, 'stale-if-error')
    if (leader) return giveOwn(ctx, value, { why, stored: filled.stored })
    if (value.answer === undefined) return passBy(ctx, next, { why })
    // An answer that differs by a header is for those whose header is the same.
    if (value.vary.every(([name, said]) => ctx.readHeader(name) === said)) return give(ctx, value.answer, { why, collapsed: true })
    return asked.vary.length === 0
      ? lookUp(
          variantOf(
            asked,
            value.vary.map(([name]) => name),
          ),
        )
      : passBy(ctx, next, { why })
  }

  /** One run of the handler, behind the answers that are served meanwhile. */
  function renew(asked: Asked): void {
    if (flights.isFilling(asked.key)) return
    const { ctx } = asked
    const detached = new DetachedContext(ctx)
    flights
      .fill(asked.key, rules.tags(ctx), () => workOutAnswer(asked, detached, rules), { ...options(asked, false), background: true })
      .catch((error: unknown) => ctx.log.error({ err: error }, 'A stored answer could not be renewed'))
      .finally(() => detached.end())
  }

  function options({ ctx }: Asked, insists: boolean): FillOptions {
    // Who wants a new answer does not wait for one that somebody else has stored.
    const accept = insists ? () => false : (entry: CacheEntry) => entry.freshUntil > ctx.clock.now()
    return { leaseMs, waitMs: insists ? 0 : waitMs, accept, onStoreError: (error) => noteStoreError(ctx, error) }
  }

  /** To the one whose request made the handler run: everything it answered, cookies included. */
  function giveOwn(ctx: Context, { reply, headers, answer, why: detail }: Worked, forwarded: Forwarded): Reply {
    if (answer === undefined) {
      reply.headers = [...headers]
      return marked(ctx, reply, { ...forwarded, ...(detail === undefined ? {} : { detail }) })
    }
    const own = give(ctx, answer, forwarded)
    for (let i = 0; i < headers.length; i += 2) if (headers[i] === 'set-cookie') own.append('set-cookie', headers[i + 1] as string)
    return own
  }

  function giveStale(ctx: Context, { entry, stored }: Stale, detail: string): Reply {
    counts.stale.inc()
    return give(ctx, stored, { hit: true, ttl: entry.freshUntil - ctx.clock.now(), detail }, entry)
  }

  function give(ctx: Context, stored: StoredAnswer, outcome: CacheOutcome, from?: CacheEntry): Reply {
    const reply = replyOf(stored)
    if (from !== undefined) reply.set('age', String(Math.max(0, Math.floor((ctx.clock.now() - from.createdAt) / 1000))))
    reply.headers.push(...rules.edgeHeaders(rules.tags(ctx)))
    return marked(ctx, reply, outcome)
  }

  function passBy(ctx: Context, next: Next, forwarded: Forwarded): Awaitable<Reply> {
    ctx.outgoing.push('cache-status', renderCacheStatus(forwarded))
    return next()
  }

  function marked(ctx: Context, reply: Reply, outcome: CacheOutcome): Reply {
    ctx.outgoing.push('cache-status', renderCacheStatus(outcome))
    return reply
  }

  function noteStoreError(ctx: Context, error: unknown): void {
    counts.errors.inc()
    ctx.log.warn({ err: error }, 'The store of cached answers failed; the route answers without it')
  }
}
