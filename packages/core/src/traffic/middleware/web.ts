import { Reply } from '../../http/context/reply.ts'
import { toWebResponse } from '../../http/reply/to-web-response.ts'
import type { Middleware } from './middleware-option.ts'

/** A web-standard middleware: answers itself, or asks `next` and may change what comes. */
export type WebMiddleware = (request: Request, next: () => Promise<Response>) => Response | Promise<Response>

/**
 * Runs a web-standard middleware in a pipeline: `use: [web(async (request, next) => …)]`. The request's body can be read
 * once: by the middleware, or by the route.
 */
export function web(middleware: WebMiddleware): Middleware {
  return {
    kind: 'middleware',
    name: middleware.name === '' ? 'web' : middleware.name,
    around: async (ctx, next) => {
      const response = await middleware(ctx.request, async () => toWebResponse(ctx, await next(), [], []))
      return new Reply(response.status, 'response', response)
    },
  }
}
