import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../context/context.ts'
import { Reply } from '../context/reply.ts'
import { flatten, type ReplyHeaders } from './constructors.ts'

export type StreamSource = Readable | ReadableStream | AsyncIterable<Uint8Array | string>

export interface StreamOptions {
  /** Media type. Default: `application/octet-stream`. */
  readonly type?: string
  /** Bytes, where they are known; without it the answer is sent in chunks. A source that gives more or less cuts the connection. */
  readonly length?: number
  readonly headers?: ReplyHeaders
}

/**
 * Sends what a source gives, as fast as the client reads it. The head goes out with the first chunk, so a source that
 * fails before is answered as any error; one that fails later cuts the connection, so that nobody takes half an answer
 * for a whole one. The source is closed when the client leaves.
 *
 * @example
 * route.get('/export', () => stream(rows(), { type: 'text/csv; charset=utf-8' }))
 */
export function stream(source: StreamSource, options: StreamOptions = {}): Reply<200, StreamSource> {
  const reply = new Reply(200, 'stream', source, flatten(options.headers))
  reply.length = options.length
  if (options.type !== undefined) reply.set('content-type', options.type)
  return reply
}

/** The source as the reply's payload; a promise until it has something to send. */
export function encodeStream(ctx: Context, reply: Reply, source: StreamSource): void | Promise<void> {
  const readable = toReadable(source)
  if (readable.errored !== null) throw readable.errored
  if (readable.destroyed) throw fail('STREAM_BROKEN', { reason: 'it had been closed before it was sent' })
  if (readable.readableEnded) throw fail('STREAM_BROKEN', { reason: 'somebody else had read it to its end' })
  adoptStream(ctx, reply, readable)
  return ctx.method === 'HEAD' || readable.readableLength > 0 ? undefined : firstChunk(ctx, readable)
}

/** Makes a stream the payload, and closes it with the request however that ends. */
export function adoptStream(ctx: Context, reply: Reply, payload: Readable): void {
  reply.payload = payload
  const close = () => void payload.destroy()
  // The sender reports what goes wrong while it sends; at other times nobody waits for the stream.
  payload.on('error', () => {})
  if (ctx.signal.aborted) close()
  else ctx.signal.addEventListener('abort', close, { once: true })
  ctx.onEnd(close)
}

export function toReadable(source: StreamSource): Readable {
  if (source instanceof Readable) return source
  if (source instanceof ReadableStream) return Readable.fromWeb(source as NodeReadableStream)
  return Readable.from(source, { objectMode: false })
}

function firstChunk(ctx: Context, readable: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      readable.off('readable', onReadable).off('error', onError).off('close', onClose)
      how()
    }
    const onReadable = () => settle(resolve)
    const onError = (error: Error) => settle(() => reject(error))
    // Closed by ourselves when the client has gone: then the sender has nobody to answer either.
    const onClose = () => settle(() => (ctx.signal.aborted ? resolve() : reject(fail('STREAM_BROKEN', { reason: 'it closed before it gave anything' }))))
    readable.on('readable', onReadable).on('error', onError).on('close', onClose)
  })
}
