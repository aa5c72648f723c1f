import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { Context } from '../http/context/context.ts'
import type { Identity } from '../http/context/identity.ts'
import type { Runtime } from '../http/context/runtime.ts'

/** What the caller of `app.fetch` knows about the connection. */
export interface FetchInfo {
  /** The client's address. Unknown when absent; then no address rule lets it in. */
  readonly address?: string
  /** Who the caller has authenticated already; permissions and scopes of the routes still apply. With the strategy `given` every route takes it, else those that name it. */
  readonly identity?: Identity
}

/** A request from the fetch door: tests, other runtimes and applications that mount this one. */
export class FetchContext extends Context {
  readonly request: Request
  readonly address: string

  constructor(runtime: Runtime, request: Request, info: FetchInfo, path: string, search: string) {
    super(runtime, request.method, path, search)
    this.request = request
    this.address = info.address ?? ''
    this.identity = info.identity
  }

  readHeader(name: string): string | undefined {
    return this.request.headers.get(name) ?? (name === 'host' ? new URL(this.request.url).host : undefined)
  }

  get encrypted(): boolean {
    return this.request.url.startsWith('https:')
  }

  get disconnected(): boolean {
    return this.request.signal.aborted
  }

  get hasBody(): boolean {
    return this.request.body !== null
  }

  stream(): Readable {
    const body = this.request.body
    return body === null ? Readable.from([]) : Readable.fromWeb(body as NodeReadableStream<Uint8Array>)
  }

  rawHeaders(): Record<string, string> {
    return Object.fromEntries(this.request.headers)
  }

  protected watchDisconnect(aborter: AbortController): void {
    const { signal } = this.request
    if (signal.aborted) aborter.abort(signal.reason)
    else signal.addEventListener('abort', () => aborter.abort(signal.reason), { once: true })
  }
}
