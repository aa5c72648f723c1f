import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Reply } from '../context/reply.ts'
import type { Sending } from './build-head.ts'
import { closedEarly, LengthCheck } from './length-check.ts'

/** A client that reads nothing for so long is cut; it may come back with a Range or its last event's id. In ms. */
const mostStall = 120_000

/**
 * Sends a stream with back-pressure. A source that fails, or gives another length than was announced, cuts the
 * connection; a client that leaves closes the source. Settles when either has happened or all was sent; then
 * `reply.length` is what was.
 */
export function pump(ctx: Sending, reply: Reply, source: Readable, res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const check = new LengthCheck(reply.length)
    let stall: NodeJS.Timeout | undefined
    let broken = false

    const cut = (error: unknown) => {
      if (broken || res.closed || res.writableEnded) return
      broken = true
      ctx.log?.error({ err: error }, 'A stream failed while it was sent')
      // Without chunks or a length an orderly close is the end of the message (RFC 9112, 6.3).
      if (res.chunkedEncoding || reply.length !== undefined) res.destroy()
      else res.socket?.resetAndDestroy()
    }
    const over = () => {
      clearTimeout(stall)
      source.destroy()
      reply.length = check.sent
      resolve()
    }

    if (res.closed) return over()
    res.on('close', over)
    // A write that meets a closing connection; the close itself is what counts.
    res.on('error', () => {})
    res.on('drain', () => {
      clearTimeout(stall)
      source.resume()
    })
    source.on('error', cut)
    source.on('close', () => {
      if (!source.readableEnded) cut(source.errored ?? closedEarly())
    })
    if (source.destroyed) return cut(source.errored ?? closedEarly())
    source.on('data', (chunk: unknown) => {
      try {
        if (res.write(check.pass(chunk))) return
      } catch (error) {
        return cut(error)
      }
      source.pause()
      clearTimeout(stall)
      stall = setTimeout(() => res.destroy(), mostStall).unref()
    })
    source.on('end', () => {
      try {
        check.end()
        res.end()
      } catch (error) {
        cut(error)
      }
    })
    // With something to send, head and first chunk travel together.
    if (source.readableLength === 0) res.flushHeaders()
    source.resume()
  })
}
