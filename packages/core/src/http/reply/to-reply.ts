import { Reply } from '../context/reply.ts'
import { events } from './events.ts'
import { kindOf } from './kind-of.ts'

/**
 * What a handler returned, as a reply: nothing is 204, bytes and streams go out as they are, an async iterable becomes
 * Server-Sent Events, a web Response is taken over, and everything else is JSON – text and null included.
 */
export function toReply(value: unknown): Reply {
  if (value instanceof Reply) return value
  const kind = kindOf(value)
  switch (kind) {
    case 'json':
      return new Reply(200, 'json', value)
    case 'empty':
      return new Reply(204, 'empty', undefined)
    case 'response':
      return new Reply((value as Response).status, 'response', value)
    case 'events':
      return events(value as AsyncIterable<unknown>)
    case 'bytes':
    case 'stream':
      return new Reply(200, kind, value)
  }
}
