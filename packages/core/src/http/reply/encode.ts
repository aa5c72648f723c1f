import type { Context } from '../context/context.ts'
import type { Reply } from '../context/reply.ts'
import { carriesBody } from './build-head.ts'
import { setDefault } from './default-header.ts'
import { closeEvents, encodeEvents } from './encode-events.ts'
import { encodeFile } from './encode-file.ts'
import { encodeStream, toReadable, type StreamSource } from './stream.ts'
import type { EventSource } from './events.ts'
import type { FileSource } from './file.ts'
import { takeOverResponse } from './take-over-response.ts'
import { toJson } from './to-json.ts'

/** Turns a reply's body into its payload. Only files, and streams that have yet to start, need a promise. */
export function encode(ctx: Context, reply: Reply): void | Promise<void> {
  if (reply.kind === 'response') return takeOverResponse(ctx, reply, reply.body as Response)
  if (!carriesBody(reply.status)) return discard(reply)
  switch (reply.kind) {
    case 'json':
      reply.payload = toJson(ctx, reply.body)
      return setDefault(ctx, reply, 'content-type', 'application/json; charset=utf-8')
    case 'text':
      reply.payload = reply.body as string
      return setDefault(ctx, reply, 'content-type', 'text/plain; charset=utf-8')
    case 'bytes':
      reply.payload = reply.body as Uint8Array
      return setDefault(ctx, reply, 'content-type', 'application/octet-stream')
    case 'stream':
      setDefault(ctx, reply, 'content-type', 'application/octet-stream')
      return encodeStream(ctx, reply, reply.body as StreamSource)
    case 'events':
      return encodeEvents(ctx, reply, reply.body as EventSource)
    case 'file':
      return encodeFile(ctx, reply, reply.body as FileSource)
    case 'empty':
      return undefined
  }
}

/** A status that carries no body drops the one it was given, and closes what it would have come from. */
function discard(reply: Reply): void {
  reply.remove('content-type')
  reply.length = undefined
  if (reply.kind === 'events') closeEvents(reply.body as EventSource)
  if (reply.kind === 'stream')
    toReadable(reply.body as StreamSource)
      .on('error', () => {})
      .destroy()
}
