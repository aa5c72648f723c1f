import { fail } from '../foundation/errors/catalog.ts'
import type { Context } from './context/context.ts'
import { Reply } from './context/reply.ts'
import type { CompiledRoute } from './context/route.ts'
import type { Awaitable } from './context/stage.ts'
import type { Pipeline } from './pipeline/compile-pipeline.ts'
import type { RouteMatch } from './router/router.ts'

/** A route that is ready to serve. */
export interface Endpoint {
  readonly route: CompiledRoute
  readonly pipeline: Pipeline
  /** The route's edge stages around another answer: its OPTIONS requests pass them, and so carry its CORS rules. */
  readonly edge: (handler: (ctx: Context) => unknown) => Pipeline
}

/** Finds what answers a request if its method were `method`; `refused` is a request that no route may answer. */
export type FindRoute = (ctx: Context, method: string) => RouteMatch<Endpoint> | { readonly kind: 'refused'; readonly error: Error }

export interface KernelParts {
  readonly find: FindRoute
  /** The application's default edge stages around an answer that belongs to no route. */
  readonly edge: (handler: (ctx: Context) => unknown) => Pipeline
}

export interface Kernel {
  /** The life of a request, from the door to the encoded reply; never throws or rejects. */
  handle(ctx: Context): Awaitable<Reply>
  /** The answer to a request that must not reach a route. */
  refuse(ctx: Context, error: Error): Awaitable<Reply>
}

type Miss = Exclude<ReturnType<FindRoute>, { kind: 'found' }>

export function createKernel({ find, edge }: KernelParts): Kernel {
  const notFound = edge((ctx) => {
    throw fail('NOT_FOUND', { path: ctx.path })
  })
  // One pipeline for each distinct answer; the routes bound how many there are.
  const misses = new Map<string, Pipeline>()
  const preflights = new Map<Endpoint, Pipeline>()

  function handle(ctx: Context): Awaitable<Reply> {
    const match = find(ctx, ctx.method)
    if (match.kind !== 'found') return miss(ctx, match)
    ctx.path = match.path
    ctx.params = match.params
    ctx.route = match.value.route
    return serve(ctx, match.value.pipeline)
  }

  function serve(ctx: Context, pipeline: Pipeline): Awaitable<Reply> {
    ctx.constantHeaders = pipeline.constantHeaders
    return pipeline.run(ctx)
  }

  function miss(ctx: Context, match: Miss): Awaitable<Reply> {
    switch (match.kind) {
      case 'not-found':
        return serve(ctx, notFound)
      case 'options':
        return options(ctx, match.allow)
      case 'method-not-allowed':
        return serve(
          ctx,
          missPipeline(match.allow, (ctx) => {
            throw fail('METHOD_NOT_ALLOWED', { method: ctx.method, path: ctx.path, allow: match.allow }, { headers: ['allow', match.allow] })
          }),
        )
      case 'malformed':
        return serve(
          ctx,
          missPipeline(match.reason, () => {
            throw fail('MALFORMED_PATH', { reason: match.reason })
          }),
        )
      case 'refused':
        return refuse(ctx, match.error)
      case 'redirect': {
        const location = ctx.search === '' ? match.location : `${match.location}?${ctx.search}`
        return serve(
          ctx,
          edge(() => new Reply(308, 'empty', undefined, ['location', location])),
        )
      }
    }
  }

  /** RFC 9110, 9.3.7; a preflight (Fetch, 3.2) is answered by the route that it asks about. */
  function options(ctx: Context, allow: string): Awaitable<Reply> {
    const wanted = ctx.readHeader('access-control-request-method')
    const target = wanted === undefined ? undefined : find(ctx, wanted)
    const answer = () => new Reply(204, 'empty', undefined, ['allow', allow])
    if (target?.kind !== 'found') return serve(ctx, missPipeline(`OPTIONS ${allow}`, answer))
    let pipeline = preflights.get(target.value)
    if (pipeline === undefined) preflights.set(target.value, (pipeline = target.value.edge(answer)))
    return serve(ctx, pipeline)
  }

  function missPipeline(key: string, handler: (ctx: Context) => unknown): Pipeline {
    let pipeline = misses.get(key)
    if (pipeline === undefined) misses.set(key, (pipeline = edge(handler)))
    return pipeline
  }

  function refuse(ctx: Context, error: Error): Awaitable<Reply> {
    return serve(
      ctx,
      edge(() => {
        throw error
      }),
    )
  }

  return { handle, refuse }
}
