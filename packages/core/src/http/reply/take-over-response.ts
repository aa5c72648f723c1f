import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { Context } from '../context/context.ts'
import type { Reply } from '../context/reply.ts'
import { adoptStream } from './stream.ts'

// They speak of another connection (RFC 9110, 7.6.1); lengths are given by the sender.
const left = new Set(['connection', 'content-length', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** Status, headers (each Set-Cookie on a line of its own) and body of a web Response. */
export function takeOverResponse(ctx: Context, reply: Reply, response: Response): void {
  reply.status = response.status
  // What fetch received is decoded already, and the length is that of the encoded form (Fetch, 4.7).
  const decoded = response.url !== '' && response.headers.has('content-encoding')
  for (const [name, value] of response.headers) {
    if (!left.has(name) && !(decoded && name === 'content-encoding')) reply.headers.push(name, value)
  }
  const length = response.headers.get('content-length')
  if (!decoded && length !== null && /^\d+$/.test(length)) reply.length = Number(length)
  if (response.body !== null) adoptStream(ctx, reply, Readable.fromWeb(response.body as NodeReadableStream))
}
