import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Reply } from '../context/reply.ts'

/** What the sender needs to know of the request. */
export interface Sending {
  readonly method: string
}

/**
 * Writes a reply to a socket: one `writeHead` with a raw header array, then the payload. Returns a promise for streams
 * only; it settles when the answer was sent or the client has gone.
 */
export function sendNode(res: ServerResponse, ctx: Sending, reply: Reply, constantHeaders: readonly string[], extraHeaders: readonly string[]): void | Promise<void> {
  const { payload, status } = reply
  const bodiless = status === 204 || status === 205 || status === 304
  const headers = joinHeaders(constantHeaders, reply.headers, extraHeaders)
  if (payload instanceof Readable) {
    if (reply.length !== undefined) headers.push('content-length', String(reply.length))
    if (bodiless || ctx.method === 'HEAD') {
      payload.destroy()
      res.writeHead(status, headers)
      res.end()
      return undefined
    }
    res.writeHead(status, headers)
    res.flushHeaders()
    return pump(payload, res)
  }
  if (payload === null) {
    if (!bodiless && reply.length === undefined) headers.push('content-length', '0')
    else if (reply.length !== undefined) headers.push('content-length', String(reply.length))
    res.writeHead(status, headers)
    res.end()
    return undefined
  }
  const length = (reply.length ??= typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength)
  headers.push('content-length', String(length))
  res.writeHead(status, headers)
  if (ctx.method === 'HEAD' || bodiless) res.end()
  else res.end(payload)
  return undefined
}

/** One array; a name of a reply or stage replaces the constant header of that name (Vary is added to). */
export function joinHeaders(constant: readonly string[], own: readonly string[], extra: readonly string[]): string[] {
  const headers: string[] = []
  for (let i = 0; i < constant.length; i += 2) {
    const name = constant[i] as string
    if (name !== 'vary' && (includesName(own, name) || includesName(extra, name))) continue
    headers.push(name, constant[i + 1] as string)
  }
  for (let i = 0; i < own.length; i++) headers.push(own[i] as string)
  for (let i = 0; i < extra.length; i++) headers.push(extra[i] as string)
  return headers
}

function includesName(headers: readonly string[], name: string): boolean {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return true
  return false
}

/** Streams with back-pressure. A source that fails cuts the connection; a client that leaves closes the source. */
async function pump(source: Readable, res: ServerResponse): Promise<void> {
  const onClose = () => {
    if (!res.writableFinished) source.destroy()
  }
  res.once('close', onClose)
  source.once('error', () => res.destroy())
  source.pipe(res)
  await finished(res).catch(() => undefined)
  res.off('close', onClose)
}
