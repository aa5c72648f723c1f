import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { nodeHttp } from '../../foundation/node-http.ts'
import type { Context } from '../../http/context/context.ts'
import { Reply } from '../../http/context/reply.ts'
import type { Awaitable } from '../../http/context/stage.ts'
import type { Middleware } from './middleware-option.ts'
import { createRequestLike } from './request-like.ts'

/** Connect's signature, as helmet, cors, compression and hundreds of others have it. */
export type ConnectMiddleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Runs a Connect middleware in a pipeline: `use: [connect(helmet())]`. It meets a request with method, URL and headers
 * and a response of its own; what it sets, answers or makes of the body is taken over into the reply.
 */
export function connect(middleware: ConnectMiddleware): Middleware {
  return {
    kind: 'middleware',
    name: middleware.name === '' ? 'connect' : middleware.name,
    around: (ctx, next) => run(middleware, ctx, next),
  }
}

function run(middleware: ConnectMiddleware, ctx: Context, next: () => Awaitable<Reply>): Promise<Reply> {
  const req = createRequestLike(ctx)
  const res = new nodeHttp.ServerResponse(req)
  const wire = new PassThrough()
  let answered = false
  return new Promise<Reply>((resolve, reject) => {
    const answer = () => {
      if (answered) return
      answered = true
      resolve(takeOver(res, wire))
    }
    capture(res, wire, answer)
    const proceed = async () => {
      const inner = await next()
      await write(inner, res)
    }
    try {
      middleware(req, res, (error) => {
        if (error !== undefined && error !== null) reject(error as Error)
        else proceed().catch(reject)
      })
    } catch (error) {
      reject(error as Error)
    }
  })
}

/** Lets the response write its body into `wire`; `answer` is called as soon as its head stands. */
function capture(res: ServerResponse, wire: PassThrough, answer: () => void): void {
  res.writeHead = ((status: number, second?: unknown, third?: unknown) => {
    const headers = (typeof second === 'string' ? third : second) as Record<string, string | string[]> | readonly string[] | undefined
    res.statusCode = status
    if (Array.isArray(headers)) for (let i = 0; i < headers.length; i += 2) res.appendHeader(headers[i] as string, headers[i + 1] as string)
    else for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value as string)
    return res
  }) as typeof res.writeHead
  res.flushHeaders = answer
  res.write = ((chunk: string | Uint8Array, encoding?: BufferEncoding | (() => void), callback?: () => void) => {
    res.writeHead(res.statusCode)
    answer()
    return wire.write(chunk, typeof encoding === 'string' ? encoding : 'utf8', typeof encoding === 'function' ? encoding : callback)
  }) as typeof res.write
  res.end = ((chunk?: string | Uint8Array | (() => void), encoding?: BufferEncoding) => {
    // Middleware such as on-headers changes headers when the head is written.
    res.writeHead(res.statusCode)
    if (chunk === undefined || typeof chunk === 'function') wire.end()
    else wire.end(chunk, typeof encoding === 'string' ? encoding : 'utf8')
    answer()
    return res
  }) as typeof res.end
  wire.on('drain', () => res.emit('drain'))
}

/** Gives the inner reply to the response, so that the middleware can change it. */
async function write(reply: Reply, res: ServerResponse): Promise<void> {
  res.statusCode = reply.status
  for (let i = 0; i < reply.headers.length; i += 2) res.appendHeader(reply.headers[i] as string, reply.headers[i + 1] as string)
  const { payload } = reply
  if (payload === null) {
    res.end()
    return
  }
  if (!(payload instanceof Readable)) {
    res.setHeader('content-length', typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength)
    res.end(payload)
    return
  }
  let goOn = () => {}
  // One listener for all: what `once` adds, a middleware that puts its own stream in between would never remove.
  res.on('drain', () => goOn())
  for await (const chunk of payload) {
    if (res.write(chunk as Uint8Array)) continue
    await new Promise<void>((resolve) => {
      goOn = resolve
    })
  }
  res.end()
}

function takeOver(res: ServerResponse, wire: PassThrough): Reply {
  const headers: string[] = []
  let length: number | undefined
  for (const name of res.getHeaderNames()) {
    if (name === 'content-length') length = Number(res.getHeader(name))
    else if (name !== 'connection' && name !== 'transfer-encoding') for (const value of [res.getHeader(name)].flat()) headers.push(name, String(value))
  }
  const reply = new Reply(res.statusCode, 'stream', wire, headers)
  reply.length = length
  return reply
}
