import { Readable } from 'node:stream'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Context } from '../context/context.ts'
import type { Reply } from '../context/reply.ts'
import { encodeEvents, type EventSource } from './events.ts'
import { encodeFile, type FileSource } from './file.ts'
import { takeOverResponse } from './take-over-response.ts'
import { toReadable, type StreamSource } from './stream.ts'

/** Turns a reply's body into its payload. Only files need a promise. */
export function encode(ctx: Context, reply: Reply): void | Promise<void> {
  switch (reply.kind) {
    case 'json':
      return encodeJson(ctx, reply)
    case 'empty':
      return undefined
    case 'text':
      reply.payload = reply.body as string
      return undefined
    case 'bytes':
      reply.payload = reply.body as Uint8Array
      reply.length = (reply.body as Uint8Array).byteLength
      return undefined
    case 'stream':
      reply.payload = toReadable(reply.body as StreamSource)
      return undefined
    case 'events': {
      const frames = Readable.from(encodeEvents(ctx, reply.body as EventSource), { objectMode: false, highWaterMark: 1 })
      // Closing waits for the generator, and the generator for its source: the signal ends that wait.
      const { _destroy: destroy } = frames
      frames._destroy = (error, callback) => {
        ctx.abort(error ?? new DOMException('The client closed the connection.', 'AbortError'))
        destroy.call(frames, error, callback)
      }
      reply.payload = frames
      return undefined
    }
    case 'file':
      return encodeFile(ctx, reply, reply.body as FileSource)
    case 'response':
      takeOverResponse(reply, reply.body as Response)
      return undefined
  }
}

function encodeJson(ctx: Context, reply: Reply): void {
  let text: string | undefined
  try {
    text = JSON.stringify(reply.body)
  } catch (cause) {
    throw fail('RESPONSE_NOT_JSON', { route: ctx.route?.name ?? ctx.path, reason: (cause as Error).message.split('\n', 1)[0] as string }, { cause })
  }
  if (text === undefined) throw fail('RESPONSE_NOT_JSON', { route: ctx.route?.name ?? ctx.path, reason: `a ${typeof reply.body} has no JSON form` })
  reply.payload = text
  if (reply.headers.length === 0) reply.headers.push('content-type', 'application/json; charset=utf-8')
  else if (reply.get('content-type') === undefined) reply.headers.push('content-type', 'application/json; charset=utf-8')
}
