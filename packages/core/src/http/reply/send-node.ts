import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Reply } from '../context/reply.ts'
import { buildHead, carriesBody, type Sending } from './build-head.ts'
import { pump } from './pump.ts'
import { checkStatus, replaceUnsendable, validPairs } from './replace-unsendable.ts'

/**
 * Writes a reply to a socket: one `writeHead` with a raw header array, then the payload. Returns a promise for streams
 * only; it settles when the answer was sent or the client has gone. A reply that HTTP cannot carry becomes a 500.
 */
export function sendNode(
  res: ServerResponse,
  ctx: Sending,
  reply: Reply,
  constantHeaders: readonly string[],
  extraHeaders: readonly string[],
): void | Promise<void> {
  try {
    res.writeHead(checkStatus(reply.status), buildHead(ctx.method, reply, constantHeaders, extraHeaders))
  } catch (error) {
    replaceUnsendable(ctx, reply, error)
    res.writeHead(500, buildHead(ctx.method, reply, validPairs(constantHeaders), validPairs(extraHeaders)))
  }
  const { payload } = reply
  if (payload === null) {
    res.end()
    return undefined
  }
  const withBody = ctx.method !== 'HEAD' && carriesBody(reply.status)
  if (payload instanceof Readable) {
    if (withBody) return pump(ctx, reply, payload, res)
    payload.destroy()
    res.end()
    return undefined
  }
  if (withBody) res.end(payload)
  else res.end()
  return undefined
}
