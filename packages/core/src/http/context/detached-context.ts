import { Readable } from 'node:stream'
import { Context } from './context.ts'
import { toUrlPath } from './url-path.ts'

/**
 * A reading request's copy for work that may outlive it, such as filling a cache for all who wait: it does not end with
 * the client's connection, has no body, and collects headers and request services of its own. Call `end` when the work
 * is done.
 */
export class DetachedContext extends Context {
  private readonly copied: Readonly<Record<string, string>>
  private readonly from: { readonly ip: string; readonly protocol: string; readonly host: string }
  private requestValue: Request | undefined = undefined

  constructor(original: Context) {
    super(original.runtime, original.method, original.path, original.search)
    this.copied = original.rawHeaders()
    this.from = { ip: original.ip, protocol: original.protocol, host: original.host }
    this.params = original.params
    this.query = original.query
    this.headers = original.headers
    this.cookies = original.cookies
    this.route = original.route
    this.apiVersion = original.apiVersion
    this.identity = original.identity
    this.requestId = original.requestId
  }

  override get ip(): string {
    return this.from.ip
  }

  override get protocol(): string {
    return this.from.protocol
  }

  override get host(): string {
    return this.from.host
  }

  readHeader(name: string): string | undefined {
    return this.copied[name]
  }

  get address(): string {
    return this.from.ip
  }

  get encrypted(): boolean {
    return this.from.protocol === 'https'
  }

  get disconnected(): boolean {
    return false
  }

  get hasBody(): boolean {
    return false
  }

  stream(): Readable {
    return Readable.from([])
  }

  get request(): Request {
    const host = this.from.host === '' ? 'localhost' : this.from.host
    const query = this.search === '' ? '' : `?${this.search}`
    return (this.requestValue ??= new Request(`${this.from.protocol}://${host}${toUrlPath(this.path)}${query}`, {
      method: this.method,
      headers: this.copied,
      signal: this.signal,
    }))
  }

  rawHeaders(): Record<string, string> {
    return { ...this.copied }
  }

  /** There is no client that could leave; only time-outs abort it. */
  protected watchDisconnect(): void {}
}
