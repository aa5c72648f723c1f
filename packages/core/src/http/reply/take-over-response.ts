import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import type { Reply } from '../context/reply.ts'

/** Status, headers (each Set-Cookie on a line of its own) and body of a web Response. */
export function takeOverResponse(reply: Reply, response: Response): void {
  reply.status = response.status
  for (const [name, value] of response.headers) if (name !== 'content-length' && name !== 'connection' && name !== 'transfer-encoding') reply.headers.push(name, value)
  const length = response.headers.get('content-length')
  if (length !== null && /^\d+$/.test(length)) reply.length = Number(length)
  reply.payload = response.body === null ? null : Readable.fromWeb(response.body as NodeReadableStream)
}
