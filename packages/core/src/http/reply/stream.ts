import { PassThrough, Readable, pipeline } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { Reply } from '../context/reply.ts'
import { flatten, type ReplyHeaders } from './constructors.ts'

export type StreamSource = Readable | ReadableStream | AsyncIterable<Uint8Array | string>

export interface StreamOptions {
  /** Media type. Default: application/octet-stream. */
  readonly type?: string
  /** Bytes, where they are known; without it the answer is sent in chunks. */
  readonly length?: number
  readonly headers?: ReplyHeaders
}

/**
 * Sends what a source gives as fast as the client reads it. The source is closed when the client leaves; when it fails,
 * the connection is cut, so that nobody takes half an answer for a whole one.
 */
export function stream(source: StreamSource, options: StreamOptions = {}): Reply<200, StreamSource> {
  const reply = new Reply(200, 'stream', source, flatten(options.headers))
  reply.length = options.length
  return reply.set('content-type', options.type ?? 'application/octet-stream')
}

export function toReadable(source: StreamSource): Readable {
  if (source instanceof Readable) return source.readableObjectMode ? pipeline(source, new PassThrough(), () => {}) : source
  if (source instanceof ReadableStream) return Readable.fromWeb(source as NodeReadableStream)
  return Readable.from(source, { objectMode: false })
}
