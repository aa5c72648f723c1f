import { Buffer } from 'node:buffer'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ConstantHeaders } from '../context/constant-headers.ts'
import type { Reply } from '../context/reply.ts'
import { buildHead, carriesBody, type Sending } from './build-head.ts'
import { pump } from './pump.ts'
import { checkStatus, replaceUnsendable, validPairs } from './replace-unsendable.ts'
import { writeCheckedHead } from './write-head.ts'

/**
 * Writes a reply to a socket: its head at once, then the payload. Returns a promise for streams only; it settles when the
 * answer was sent or the client has gone. A reply that HTTP cannot carry becomes a 500.
 */
export function sendNode(res: ServerResponse, ctx: Sending, reply: Reply, constant: ConstantHeaders, extra: readonly string[]): void | Promise<void> {
  if (typeof reply.payload !== 'string' || !sendText(res, ctx, reply, reply.payload, constant, extra)) return sendAny(res, ctx, reply, constant, extra)
  return undefined
}

/** The common case, JSON and text. @returns false when nothing was sent. */
function sendText(res: ServerResponse, ctx: Sending, reply: Reply, text: string, constant: ConstantHeaders, extra: readonly string[]): boolean {
  const { status } = reply
  if ((status | 0) !== status || status < 200 || status > 599 || !carriesBody(status)) return false
  const length = Buffer.byteLength(text)
  if (!writeCheckedHead(res, status, reply, constant, extra, length)) return false
  reply.length = length
  if (ctx.method === 'HEAD') res.end()
  else endWithText(res, text, length)
  return true
}

function sendAny(res: ServerResponse, ctx: Sending, reply: Reply, constant: ConstantHeaders, extra: readonly string[]): void | Promise<void> {
  try {
    res.writeHead(checkStatus(reply.status), buildHead(ctx.method, reply, constant.pairs, extra))
  } catch (error) {
    replaceUnsendable(ctx, reply, error)
    // Node may have taken what the head that failed said of the connection at its word.
    res.shouldKeepAlive = false
    res.writeHead(500, buildHead(ctx.method, reply, validPairs(constant.pairs), validPairs(extra)))
  }
  const { payload } = reply
  const withBody = payload !== null && ctx.method !== 'HEAD' && carriesBody(reply.status)
  if (payload instanceof Readable) {
    if (withBody) return pump(ctx, reply, payload, res)
    payload.destroy()
    res.end()
    return undefined
  }
  if (!withBody) res.end()
  else if (typeof payload === 'string') endWithText(res, payload, reply.length)
  else res.end(payload)
  return undefined
}

/** Text that is as long in bytes as in characters is ASCII, which one encoding writes like the other, and Latin-1 faster. */
function endWithText(res: ServerResponse, text: string, length: number | undefined): void {
  if (length === text.length) res.end(text, 'latin1')
  else res.end(text)
}
