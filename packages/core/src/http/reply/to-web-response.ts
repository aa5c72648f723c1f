import { Readable } from 'node:stream'
import type { Reply } from '../context/reply.ts'
import { joinHeaders, type Sending } from './send-node.ts'

/** The reply as a web-standard Response, equal to what a socket would carry. */
export function toWebResponse(ctx: Sending, reply: Reply, constantHeaders: readonly string[], extraHeaders: readonly string[]): Response {
  const { payload, status } = reply
  const bodiless = status === 204 || status === 205 || status === 304
  const headers = new Headers()
  const pairs = joinHeaders(constantHeaders, reply.headers, extraHeaders)
  for (let i = 0; i < pairs.length; i += 2) headers.append(pairs[i] as string, pairs[i + 1] as string)
  if (typeof payload === 'string') reply.length ??= Buffer.byteLength(payload)
  else if (payload !== null && !(payload instanceof Readable)) reply.length ??= payload.byteLength
  if (!bodiless && (reply.length !== undefined || payload === null)) headers.set('content-length', String(reply.length ?? 0))
  const withBody = !bodiless && ctx.method !== 'HEAD' && payload !== null
  if (!withBody && payload instanceof Readable) payload.destroy()
  return new Response(withBody ? bodyOf(payload) : null, { status, headers })
}

function bodyOf(payload: string | Uint8Array | Readable): ConstructorParameters<typeof Response>[0] {
  if (!(payload instanceof Readable)) return payload as string | Uint8Array<ArrayBuffer>
  return Readable.toWeb(payload) as ReadableStream<Uint8Array<ArrayBuffer>>
}
