import type { Readable } from 'node:stream'

/** How the body of a reply becomes bytes. */
export type ReplyKind = 'json' | 'text' | 'bytes' | 'stream' | 'events' | 'file' | 'empty' | 'response'

/**
 * What a handler answers when a plain value is not enough. Handlers make one with `reply`, `created`, `noContent`,
 * `redirect`, `text`, `file`, `stream` or `events`; stages see one for every answer, errors included.
 */
export class Reply<Status extends number = number, Body = unknown> {
  status: Status
  body: Body
  kind: ReplyKind
  /** Flat name, value pairs in the order they are sent; names in lower case. Never contains content-length. */
  headers: string[]
  /** Set once the body is encoded (before the `send` phase): what goes on the wire. */
  payload: string | Uint8Array | Readable | null = null
  /** True once `payload` holds the encoded body. */
  encoded = false
  /** What was thrown, where this is the answer to an error. */
  error: unknown = undefined
  /** Bytes of the payload, where they are known; sent as Content-Length. */
  length: number | undefined = undefined

  constructor(status: Status, kind: ReplyKind, body: Body, headers: string[] = []) {
    this.status = status
    this.kind = kind
    this.body = body
    this.headers = headers
  }

  /** Adds a header, or replaces it when it is there already. */
  set(name: string, value: string): this {
    const headers = this.headers
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i] === name) {
        headers[i + 1] = value
        return this
      }
    }
    headers.push(name, value)
    return this
  }

  /** Adds a header line and keeps those of the same name (Set-Cookie, Link, Vary). */
  append(name: string, value: string): this {
    this.headers.push(name, value)
    return this
  }

  get(name: string): string | undefined {
    const headers = this.headers
    for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return headers[i + 1]
    return undefined
  }

  remove(name: string): this {
    const headers = this.headers
    for (let i = headers.length - 2; i >= 0; i -= 2) if (headers[i] === name) headers.splice(i, 2)
    return this
  }
}
