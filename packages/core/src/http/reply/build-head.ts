import type { Logger } from '../../foundation/logging/logger.ts'
import type { Reply } from '../context/reply.ts'
import { includesName } from './default-header.ts'

/** What a sender needs to know of the request. */
export interface Sending {
  readonly method: string
  readonly requestId?: string
  readonly runtime?: { readonly errorFormat: 'problem' | 'envelope' | 'own' }
  /** Told about replies that could not be sent, or not whole. */
  readonly log?: Pick<Logger, 'error'>
}

/** Whether an answer with this status has content (RFC 9110, 6.4.1 and 15.3.6). */
export function carriesBody(status: number): boolean {
  return status !== 204 && status !== 205 && status !== 304
}

/** The headers of an answer as one array, with Content-Length where the length is known. Sets `reply.length`. */
export function buildHead(method: string, reply: Reply, constant: readonly string[], extra: readonly string[]): string[] {
  const headers = mergeHeaders(constant, reply.headers, extra)
  const { payload } = reply
  if (!carriesBody(reply.status)) {
    reply.length = undefined
    // 204 and 304 end with their head; only 205 has to say so (RFC 9110, 8.6).
    if (reply.status === 205) headers.push('content-length', '0')
    return headers
  }
  if (typeof payload === 'string') reply.length = Buffer.byteLength(payload)
  else if (payload instanceof Uint8Array) reply.length = payload.byteLength
  // What HEAD did not read has a length that nobody knows.
  else if (payload === null && reply.length === undefined && (method !== 'HEAD' || reply.kind === 'empty')) reply.length = 0
  if (reply.length !== undefined) headers.push('content-length', String(reply.length))
  return headers
}

// Fields that may stand several times because their values add up. Of any other, what the reply says itself is sent.
export const additive: ReadonlySet<string> = new Set([
  'set-cookie',
  'vary',
  'link',
  'cache-control',
  'www-authenticate',
  'server-timing',
  'allow',
  'via',
  'warning',
  'connection',
])

/**
 * Constant headers, those of the reply and those that stages added. A constant header gives way to any other of its name
 * (Vary is added to), a stage's to the reply's own unless both count. Message framing is the sender's alone.
 */
export function mergeHeaders(constant: readonly string[], own: readonly string[], extra: readonly string[]): string[] {
  const headers: string[] = []
  for (let i = 0; i < constant.length; i += 2) {
    const name = constant[i] as string
    if (isFraming(name) || (name !== 'vary' && (includesName(own, name) || includesName(extra, name)))) continue
    headers.push(name, constant[i + 1] as string)
  }
  for (let i = 0; i < own.length; i += 2) {
    const name = own[i] as string
    if (!isFraming(name)) headers.push(name, own[i + 1] as string)
  }
  for (let i = 0; i < extra.length; i += 2) {
    const name = extra[i] as string
    if (isFraming(name) || (includesName(own, name) && !additive.has(name))) continue
    headers.push(name, extra[i + 1] as string)
  }
  return headers
}

function isFraming(name: string): boolean {
  return (name.length === 14 && name === 'content-length') || (name.length === 17 && name === 'transfer-encoding')
}
