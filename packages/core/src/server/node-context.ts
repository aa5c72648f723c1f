import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { Context } from '../http/context/context.ts'
import type { Runtime } from '../http/context/runtime.ts'
import type { Linked } from '../foundation/linked-list.ts'
import { toWebRequest } from './web-request.ts'

/** A request from the `node:http` door. Nothing is read or built until somebody asks for it. */
export class NodeContext extends Context implements Linked<NodeContext> {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** The client waits for 100 Continue before it sends the body. */
  readonly expectsContinue: boolean
  before: NodeContext | undefined = undefined
  after: NodeContext | undefined = undefined
  isLinked = false
  private readonly received: IncomingHttpHeaders
  private streaming = false
  private requestValue: Request | undefined = undefined

  constructor(runtime: Runtime, req: IncomingMessage, res: ServerResponse, path: string, search: string, expectsContinue: boolean) {
    super(runtime, req.method as string, path, search)
    this.req = req
    this.res = res
    this.received = req.headers
    this.expectsContinue = expectsContinue
  }

  readHeader(name: string): string | undefined {
    const value = this.received[name]
    return typeof value === 'string' || value === undefined ? value : value.join(', ')
  }

  get address(): string {
    return this.req.socket.remoteAddress ?? ''
  }

  get encrypted(): boolean {
    return (this.req.socket as { readonly encrypted?: boolean }).encrypted === true
  }

  /** True while the client may still be sending a body that nobody reads: the connection can't be used again. */
  get hasUnreadBody(): boolean {
    return this.streaming ? !this.req.complete : this.hasBody
  }

  get hasBody(): boolean {
    const length = this.received['content-length']
    return length === undefined ? this.received['transfer-encoding'] !== undefined : length !== '0'
  }

  get disconnected(): boolean {
    return this.res.destroyed || this.req.socket.destroyed
  }

  stream(): Readable {
    // Node has closed the stream of a request that announces no body (RFC 9112, 6.3).
    if (this.received['content-length'] === undefined && this.received['transfer-encoding'] === undefined) return Readable.from([])
    this.streaming = true
    if (this.expectsContinue && !this.res.headersSent) this.res.writeContinue()
    return this.req
  }

  get request(): Request {
    return (this.requestValue ??= toWebRequest(this))
  }

  rawHeaders(): Record<string, string> {
    const headers: Record<string, string> = Object.create(null) as Record<string, string>
    for (const name in this.received) headers[name] = this.readHeader(name) as string
    return headers
  }

  protected watchDisconnect(aborter: AbortController): void {
    const { res } = this
    if (this.disconnected) aborter.abort(clientGone())
    else
      res.once('close', () => {
        if (!res.writableFinished) aborter.abort(clientGone())
      })
  }
}

function clientGone(): DOMException {
  return new DOMException('The client closed the connection.', 'AbortError')
}
