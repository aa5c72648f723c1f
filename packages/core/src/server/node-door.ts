import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { fail } from '../foundation/errors/catalog.ts'
import { LinkedList } from '../foundation/linked-list.ts'
import { nodeHttp } from '../foundation/node-http.ts'
import type { Observer } from '../http/context/observer.ts'
import type { Reply } from '../http/context/reply.ts'
import type { Runtime } from '../http/context/runtime.ts'
import type { Kernel } from '../http/kernel.ts'
import { sendNode } from '../http/reply/send-node.ts'
import { hostFault } from './check-host.ts'
import { answerClientError } from './client-error.ts'
import { lingerOnClose } from './linger.ts'
import { NodeContext } from './node-context.ts'

/** How long clients may take, and how much they may send before a route is known. Times in ms, sizes in bytes. */
export interface DoorLimits {
  /** Until the head of a request has arrived. Default 10,000. */
  readonly headersTimeout: number
  /** Until the whole request has arrived; routes have stricter limits for bodies. Default 300,000. */
  readonly requestTimeout: number
  /** An idle connection is kept for the next request. Longer than the 60 s of common load balancers. Default 65,000. */
  readonly keepAliveTimeout: number
  /** A client that takes nothing of a buffered answer for so long is cut, as one that takes nothing of a stream is after 120,000. Default 120,000. */
  readonly sendTimeout: number
  /** How often the limits above are enforced. Default 2,000. */
  readonly checkInterval: number
  /** Of the head of a request; more answers 431. Default 16,384. */
  readonly maxHeaderSize: number
}

export const defaultDoorLimits: DoorLimits = {
  headersTimeout: 10_000,
  requestTimeout: 300_000,
  keepAliveTimeout: 65_000,
  sendTimeout: 120_000,
  checkInterval: 2_000,
  maxHeaderSize: 16_384,
}

export interface NodeDoorParts {
  readonly kernel: Kernel
  readonly runtime: Runtime
  readonly observer: Observer
  readonly limits: DoorLimits
}

export interface NodeDoor {
  readonly server: HttpServer
  listen(port: number, host: string): Promise<AddressInfo>
  /** Requests whose answer has not been sent. */
  readonly inFlight: number
  /**
   * Takes no more connections, asks clients to leave with each answer, closes idle connections after `grace` ms (so that a
   * request that is on its way to one is still answered), and cuts what remains at `deadline` ms.
   * @returns how many requests were cut.
   */
  drain(deadline: number, grace: number): Promise<number>
}

/** The door for `node:http`: sockets in, contexts to the kernel, replies out. */
export function createNodeDoor({ kernel, runtime, observer, limits }: NodeDoorParts): NodeDoor {
  const active = new LinkedList<NodeContext>()
  const lingering = new Set<Socket>()
  let draining = false

  const server = nodeHttp.createServer(
    {
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      connectionsCheckingInterval: limits.checkInterval,
      maxHeaderSize: limits.maxHeaderSize,
      // Ours answers with a problem document.
      requireHostHeader: false,
      // A request without a body has no stream that anybody waits for; NodeContext.stream() knows.
      optimizeEmptyRequests: true,
    },
    (req, res) => accept(req, res, false),
  )
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => accept(req, res, true))
  server.on('checkExpectation', (req: IncomingMessage, res: ServerResponse) => accept(req, res, false, fail('EXPECTATION_FAILED', undefined)))
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
    const refusal = answerClientError(error, socket as Socket, runtime.errorFormat === 'envelope')
    if (refusal !== undefined) observer.refused(refusal)
  })

  function accept(req: IncomingMessage, res: ServerResponse, expectsContinue: boolean, refused?: Error): void {
    // It was told that this connection takes no more (RFC 9112, 9.6).
    if (lingering.size > 0 && lingering.has(req.socket)) return
    const target = originForm(req)
    const query = target.indexOf('?')
    const path = query === -1 ? target : target.slice(0, query)
    const search = query === -1 ? '' : target.slice(query + 1)
    const ctx = new NodeContext(runtime, req, res, path, search, expectsContinue)
    active.add(ctx)
    const fault = refused ?? hostFault(req)
    const reply = fault === undefined ? kernel.handle(ctx) : kernel.refuse(ctx, fault)
    if (reply instanceof Promise)
      reply.then(
        (late) => send(ctx, late),
        (error: unknown) => crash(ctx, error),
      )
    else send(ctx, reply)
  }

  function send(ctx: NodeContext, reply: Reply): void {
    if (ctx.hasUnreadBody) {
      ctx.outgoing.push('connection', 'close')
      lingerOnClose(ctx.req, lingering)
    } else if (draining) ctx.outgoing.push('connection', 'close')
    try {
      const sending = sendNode(ctx.res, ctx, reply, ctx.constantHeaders, ctx.outgoing)
      if (sending === undefined) {
        finish(ctx, reply)
        // What the kernel did not take at once waits for a client that reads. Node looks whether the rest shrinks, and sets
        // the time-out anew when it is sent.
        if (ctx.req.socket.writableLength > 0) ctx.req.socket.setTimeout(limits.sendTimeout)
      } else
        sending.then(
          () => finish(ctx, reply),
          (error: unknown) => crash(ctx, error),
        )
    } catch (error) {
      crash(ctx, error)
    }
  }

  function finish(ctx: NodeContext, reply: Reply): void {
    active.delete(ctx)
    observer.finished(ctx, reply.status, reply.length ?? 0)
    ctx.end()
  }

  /** A fault of the framework itself: nothing sensible can be sent any more, and it must be seen. */
  function crash(ctx: NodeContext, error: unknown): void {
    active.delete(ctx)
    runtime.log.fatal({ err: error, requestId: ctx.requestId }, 'A reply could not be sent')
    ctx.res.destroy()
    observer.finished(ctx, 500, 0)
    ctx.end()
  }

  async function drain(deadline: number, grace: number): Promise<number> {
    draining = true
    // http.Server.close would cut idle connections at once, and with them requests that are already on their way.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
    const started = runtime.clock.monotonic()
    const sweep = setInterval(() => {
      if (runtime.clock.monotonic() - started < grace) return
      server.closeIdleConnections()
      for (const socket of lingering) socket.destroy()
    }, 50)
    let cut = 0
    const limit = setTimeout(() => {
      cut = active.size
      for (const ctx of active.list()) ctx.abort(new DOMException('The server is shutting down.', 'AbortError'))
      server.closeAllConnections()
    }, deadline)
    await closed
    clearInterval(sweep)
    clearTimeout(limit)
    // Stops the timer that enforces the limits; the listening socket is closed already.
    nodeHttp.Server.prototype.close.call(server)
    return cut
  }

  return {
    server,
    get inFlight() {
      return active.size
    },
    drain,
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          // Whatever the system says – in use, not allowed, no address of this machine – it is about the two settings.
          reject(error.code === undefined ? error : fail('PORT_UNAVAILABLE', { port, host, reason: error.code }, { cause: error }))
        })
        server.listen(port, host, () => resolve(server.address() as AddressInfo))
      }),
  }
}

/** Absolute-form (RFC 9112, 3.2.2) is what proxies receive: its path and query count here, and its host instead of the header's. */
function originForm({ url, headers }: IncomingMessage): string {
  const target = url as string
  if (target.startsWith('/')) return target
  const scheme = /^https?:\/\/([^/?]*)/i.exec(target)
  if (scheme === null) return target
  headers.host = scheme[1] as string
  const rest = target.slice(scheme[0].length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
