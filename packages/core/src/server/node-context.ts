import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { Context } from '../http/context/context.ts'
import type { Peer, Runtime } from '../http/context/runtime.ts'
import { toWebRequest } from './web-request.ts'

/** A request from the `node:http` door. Nothing is read or built until somebody asks for it. */
export class NodeContext extends Context {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** The client waits for 100 Continue before it sends the body. */
  readonly expectsContinue: boolean
  private streaming = false
  private requestValue: Request | undefined = undefined

  constructor(runtime: Runtime, req: IncomingMessage, res: ServerResponse, path: string, search: string, expectsContinue: boolean) {
    super(runtime, req.method as string, path, search)
    this.req = req
    this.res = res
    this.expectsContinue = expectsContinue
  }

  protected readHeader(name: string): string | undefined {
    const value = this.req.headers[name]
    return typeof value === 'string' || value === undefined ? value : value.join(', ')
  }

  protected get peer(): Peer {
    const socket = this.req.socket
    return {
      address: socket.remoteAddress ?? '',
      encrypted: 'encrypted' in socket && socket.encrypted === true,
      header: this.header,
    }
  }

  /** True while the client may still be sending a body that nobody reads: the connection can't be used again. */
  get hasUnreadBody(): boolean {
    if (this.streaming) return !this.req.complete
    const headers = this.req.headers
    return headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0')
  }

  get disconnected(): boolean {
    return this.res.destroyed || this.req.socket.destroyed
  }

  stream(): Readable {
    this.streaming = true
    if (this.expectsContinue && !this.res.headersSent) this.res.writeContinue()
    return this.req
  }

  get request(): Request {
    return (this.requestValue ??= toWebRequest(this))
  }

  rawHeaders(): Record<string, string> {
    const headers: Record<string, string> = Object.create(null) as Record<string, string>
    for (const name in this.req.headers) headers[name] = this.readHeader(name) as string
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
