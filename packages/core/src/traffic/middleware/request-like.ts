import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { nodeHttp } from '../../foundation/node-http.ts'
import type { Context } from '../../http/context/context.ts'
import { toUrlPath } from '../../http/context/url-path.ts'

/** What a Connect middleware sees of a request, whichever door it came through. Its body belongs to the route. */
export function createRequestLike(ctx: Context): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: ctx.ip })
  if (ctx.protocol === 'https') Object.defineProperty(socket, 'encrypted', { value: true })
  const req = new nodeHttp.IncomingMessage(socket)
  req.method = ctx.method
  const path = toUrlPath(ctx.path)
  req.url = ctx.search === '' ? path : `${path}?${ctx.search}`
  req.httpVersion = '1.1'
  req.headers = { ...ctx.rawHeaders() }
  Object.assign(req, { originalUrl: req.url, protocol: ctx.protocol, ip: ctx.ip, id: ctx.requestId })
  return req
}
