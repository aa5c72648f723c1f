import { fail } from '../../foundation/errors/catalog.ts'
import { suggest } from '../../foundation/errors/suggest.ts'
import type { Context, RequestTools } from '../../http/context/context.ts'
import type { Reply } from '../../http/context/reply.ts'
import { defineRouteOption } from '../../http/context/route-option.ts'
import type { CompiledRoute } from '../../http/context/route.ts'
import type { Awaitable, Stage } from '../../http/context/stage.ts'
import { setDefault } from '../../http/reply/default-header.ts'
import { parseHttpDate } from '../../http/reply/http-date.ts'
import { evaluatePreconditions, type EntityTag } from '../../http/reply/preconditions.ts'
import { assertPreconditions, failed, requirePrecondition, type CurrentState } from './assert-preconditions.ts'
import { tagOfPayload, tagOfVersion, type Version } from './entity-tag.ts'

type StateReader = { read(ctx: RequestTools & { readonly params: Readonly<Record<string, string>> }): Awaitable<CurrentState | undefined> }['read']

export interface Etag {
  /** Says that answers are equivalent rather than equal in each byte; such a tag serves GET and not If-Match. Default: false. */
  readonly weak?: boolean
  /** The version of the resource, from what the handler answered. Default: a digest of the bytes that are sent. */
  readonly version?: (body: never) => Version | undefined
  /** When the resource was last changed, from what the handler answered; sent as Last-Modified. */
  readonly lastModified?: (body: never) => Date | undefined
  /**
   * On routes that change: the state before the change, compared before the handler runs. Two requests may still pass it
   * at the same time; where that matters, use `assertPreconditions` inside the handler's transaction.
   */
  readonly current?: StateReader
  /** On routes that change: refuses requests without a precondition by 428. Default: false. */
  readonly required?: boolean
}

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Entity tags and preconditions (RFC 9110, 13). `true` or `'strong'` tags the answers of GET by their bytes, `'weak'`
     * weakly; an object takes the tag from a version, and holds changes to it. Default: true where the route has `cache`, else false.
     */
    readonly etag?: boolean | 'strong' | 'weak' | Etag
  }
}

const fields = ['weak', 'version', 'lastModified', 'current', 'required']

/** What the option comes to for a route; undefined where it has none. */
function read(value: boolean | 'strong' | 'weak' | Etag | undefined, route: CompiledRoute): Etag | undefined {
  const chosen = value ?? route.options.cache !== undefined
  if (chosen === false) return undefined
  if (chosen === true || chosen === 'strong') return {}
  if (chosen === 'weak') return { weak: true }
  const unknown = typeof chosen === 'object' && chosen !== null ? Object.keys(chosen).find((field) => !fields.includes(field)) : String(chosen)
  if (unknown !== undefined) throw fail('ETAG_INVALID', { route: route.name, found: unknown, suggestion: suggest(unknown, fields) })
  return chosen
}

const isReading = ({ method }: { readonly method: string }) => method === 'GET' || method === 'HEAD'

export const etagOption = defineRouteOption({
  name: 'etag',
  compile: (value, route): readonly Stage[] | undefined => {
    const etag = read(value, route)
    if (etag === undefined) return undefined
    if (isReading(route)) return [tagStage(etag), conditionalStage]
    const stages = etag.version === undefined && etag.lastModified === undefined ? [] : [tagStage(etag)]
    return etag.current === undefined && etag.required !== true ? stages : [guardStage(etag), ...stages]
  },
  errors: (value, route) => {
    const etag = read(value, route)
    if (etag === undefined || (!isReading(route) && etag.current === undefined && etag.required !== true)) return []
    return [
      { status: 412, code: 'PRECONDITION_FAILED', title: 'Precondition Failed' },
      ...(etag.required === true && !isReading(route) ? [{ status: 428, code: 'PRECONDITION_REQUIRED', title: 'Precondition Required' }] : []),
    ]
  },
  openapi: (value, operation, route) => {
    const etag = read(value, route)
    if (etag === undefined) return
    const condition = (name: string, description: string, required = false) =>
      operation.parameters.push({ name, in: 'header', required, description, schema: { type: 'string' } })
    if (!isReading(route)) {
      if (etag.current !== undefined || etag.required === true) condition('If-Match', 'The entity tag of the state that is to be changed.')
      return
    }
    condition('If-None-Match', 'Entity tags that the client has; the answer is 304 where one is current.')
    operation.responses['304'] = { description: 'Not Modified' }
  },
})

/** Gives a successful answer its validators. */
function tagStage({ weak = false, version, lastModified }: Etag): Stage {
  return {
    name: 'etag',
    phase: 'send',
    after: (ctx, reply) => {
      if (reply.status < 200 || reply.status >= 300) return
      const changed = lastModified?.(reply.body as never)
      // Never later than the answer itself (RFC 9110, 8.8.2.1).
      if (changed !== undefined) setDefault(ctx, reply, 'last-modified', new Date(Math.min(changed.getTime(), ctx.clock.now())).toUTCString())
      const found = version?.(reply.body as never)
      if (found !== undefined) setDefault(ctx, reply, 'etag', tagOfVersion(found, weak))
      else if (isReading(ctx) && reply.status === 200 && (typeof reply.payload === 'string' || reply.payload instanceof Uint8Array))
        setDefault(ctx, reply, 'etag', tagOfPayload(reply.payload, weak))
    },
  }
}

/** Answers 304 or 412 in place of what the client has already, or no longer expects. */
const conditionalStage: Stage = {
  name: 'etag',
  phase: 'guard',
  after: (ctx, reply) => {
    if (reply.status !== 200 || reply.kind === 'file') return
    const lastModified = parseHttpDate(valueOf(ctx, reply, 'last-modified') ?? '')
    const etag = valueOf(ctx, reply, 'etag') as EntityTag | undefined
    if (etag === undefined && lastModified === undefined) return
    const outcome = evaluatePreconditions(ctx.method, ctx.header, { etag, lastModified })
    if (outcome === 412) throw failed(etag)
    if (outcome === 304) toNotModified(reply)
  },
}

function guardStage({ current, required = false }: Etag): Stage {
  return {
    name: 'etag',
    phase: 'guard',
    before: (ctx) => {
      if (current === undefined) return requirePrecondition(ctx.header)
      const state = current(ctx as Context & { readonly params: Readonly<Record<string, string>> })
      return state instanceof Promise ? state.then((late) => assertPreconditions(ctx, late, { required })) : assertPreconditions(ctx, state, { required })
    },
  }
}

function valueOf(ctx: Context, reply: Reply, name: string): string | undefined {
  const own = reply.get(name)
  if (own !== undefined) return own
  const at = ctx.outgoing.findIndex((text, index) => index % 2 === 0 && text === name)
  return at === -1 ? undefined : ctx.outgoing[at + 1]
}

// What a 304 says of content it does not carry would mislead (RFC 9110, 15.4.5).
const ofContent = ['content-type', 'content-encoding', 'content-language', 'content-range', 'content-disposition', 'accept-ranges']

function toNotModified(reply: Reply): void {
  reply.status = 304
  reply.kind = 'empty'
  reply.body = undefined
  reply.payload = null
  reply.length = undefined
  for (const name of ofContent) reply.remove(name)
}
