import type { CacheEntry } from '../../foundation/cache/cache-store.ts'
import type { Computed } from '../../foundation/cache/single-flight.ts'
import type { Context } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { mergeHeaders } from '../../http/reply/build-head.ts'
import { isWhole } from '../../http/reply/kept-reply.ts'
import { variantKey, type Asked } from './asked.ts'
import type { CacheRules } from './read-cache-option.ts'
import { freshnessOf, valuesOf, type Freshness } from './storage-rules.ts'
import { renderIndex, renderStored, type StoredAnswer } from './stored-answer.ts'

/** What a run of the handler came to. */
export interface Worked {
  readonly reply: Reply
  /** Those of the reply and those that the handler set beside it. */
  readonly headers: readonly string[]
  /** Undefined where it may not be stored, and so is for the one who asked alone. */
  readonly answer: StoredAnswer | undefined
  /** Why not. */
  readonly why: string | undefined
  /** Headers of the request by which the answer says it differs, with their values. */
  readonly vary: readonly (readonly [name: string, value: string | undefined])[]
}

/** Runs the handler with a context of its own and decides what is stored of the answer, and where. */
export async function workOutAnswer(asked: Asked, ctx: Context, rules: CacheRules): Promise<Computed<Worked>> {
  const reply = await asked.next(ctx)
  const headers = mergeHeaders([], reply.headers, ctx.outgoing)
  const { payload } = reply
  const now = ctx.clock.now()
  const found = freshnessOf({ status: reply.status, headers, isWhole: isWhole(reply) }, { ...rules, hasCredentials: asked.hasCredentials, now })
  if (typeof found === 'string') return { value: { reply, headers, answer: undefined, why: found, vary: [] }, entry: undefined }

  const answer: StoredAnswer = {
    status: reply.status,
    headers: describeToClients(headers, found, rules),
    payload: payload as StoredAnswer['payload'],
    staleWhileRevalidate: found.staleWhileRevalidate,
    staleIfError: found.staleIfError,
  }
  const freshUntil = now + found.ttl
  const keepUntil = freshUntil + Math.max(found.staleWhileRevalidate, found.staleIfError)
  const times = { createdAt: now, freshUntil, keepUntil, tags: rules.tags(ctx) }
  const entry: CacheEntry = { ...times, data: renderStored(answer) }
  const vary = [...new Set([...asked.vary, ...namedBeyond(headers, rules.vary)])].sort()
  const value: Worked = { reply, headers, answer, why: undefined, vary: vary.map((name) => [name, ctx.readHeader(name)]) }
  if (vary.length === asked.vary.length) return { value, entry }

  // The answer goes where requests with these headers will look, and the index says which headers those are.
  const index: CacheEntry = { ...times, data: renderIndex({ vary }) }
  const variant = { key: variantKey({ ctx, baseKey: asked.baseKey }, vary), entry }
  if (asked.key === asked.baseKey) return { value, entry: index, others: [variant] }
  return { value, entry, others: [variant, { key: asked.baseKey, entry: index }] }
}

/** What clients and CDNs are told, where the handler says nothing itself. Cookies are for the first who asked alone. */
function describeToClients(headers: readonly string[], freshness: Freshness, rules: CacheRules): readonly string[] {
  const told: string[] = []
  for (let i = 0; i < headers.length; i += 2) if (headers[i] !== 'set-cookie') told.push(headers[i] as string, headers[i + 1] as string)
  if (valuesOf(headers, 'cache-control').length === 0 && valuesOf(headers, 'expires').length === 0) told.push('cache-control', rules.cacheControl(freshness))
  if (rules.vary.length > 0) told.push('vary', rules.vary.join(', '))
  return told
}

/** Headers by which an answer says it differs, beyond those of the route's option. */
function namedBeyond(headers: readonly string[], known: readonly string[]): string[] {
  const names = valuesOf(headers, 'vary').flatMap((field) => field.split(',').map((name) => name.trim().toLowerCase()))
  return names.filter((name) => name !== '' && !known.includes(name))
}
