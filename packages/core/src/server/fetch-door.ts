import { Readable } from 'node:stream'
import type { Observer } from '../http/context/observer.ts'
import type { Runtime } from '../http/context/runtime.ts'
import type { Kernel } from '../http/kernel.ts'
import { toWebResponse } from '../http/reply/to-web-response.ts'
import { FetchContext, type FetchInfo } from './fetch-context.ts'

export interface FetchDoorParts {
  readonly kernel: Kernel
  readonly runtime: Runtime
  readonly observer: Observer
}

/** The door for web-standard callers: `(request) => Promise<Response>`, equal in all it answers to the socket. */
export function createFetchDoor({ kernel, runtime, observer }: FetchDoorParts) {
  return async (request: Request, info: FetchInfo = {}): Promise<Response> => {
    const url = request.url
    const start = url.indexOf('/', url.indexOf('://') + 3)
    const hash = url.indexOf('#', start)
    const target = hash === -1 ? url.slice(start) : url.slice(start, hash)
    const query = target.indexOf('?')
    const path = query === -1 ? target : target.slice(0, query)
    const ctx = new FetchContext(runtime, request, info, path, query === -1 ? '' : target.slice(query + 1))
    const reply = await kernel.handle(ctx)
    const response = toWebResponse(ctx, reply, ctx.constantHeaders.pairs, ctx.outgoing)
    observer.finished(ctx, reply.status, reply.length ?? 0)
    if (reply.payload instanceof Readable) reply.payload.once('close', () => ctx.end())
    else ctx.end()
    return response
  }
}
