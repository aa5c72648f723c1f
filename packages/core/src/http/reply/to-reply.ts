import { Readable } from 'node:stream'
import { Reply } from '../context/reply.ts'
import { events } from './events.ts'

/**
 * What a handler returned, as a reply: nothing is 204, bytes and streams go out as they are, an async iterable becomes
 * Server-Sent Events, a web Response is taken over, and everything else is JSON – text and null included.
 */
export function toReply(value: unknown): Reply {
  if (typeof value !== 'object' || value === null) return value === undefined ? new Reply(204, 'empty', undefined) : new Reply(200, 'json', value)
  if (value instanceof Reply) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === Array.prototype) return new Reply(200, 'json', value)
  return fromInstance(value)
}

function fromInstance(value: object): Reply {
  if (value instanceof Response) return new Reply(value.status, 'response', value)
  if (value instanceof Uint8Array) return new Reply(200, 'bytes', value, ['content-type', 'application/octet-stream'])
  if (value instanceof Readable || value instanceof ReadableStream) return new Reply(200, 'stream', value, ['content-type', 'application/octet-stream'])
  if (Symbol.asyncIterator in value) return events(value as AsyncIterable<unknown>)
  return new Reply(200, 'json', value)
}
