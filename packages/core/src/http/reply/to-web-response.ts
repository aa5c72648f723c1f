import { Readable } from 'node:stream'
import type { Reply } from '../context/reply.ts'
import { buildHead, carriesBody, type Sending } from './build-head.ts'
import { LengthCheck } from './length-check.ts'
import { checkStatus, replaceUnsendable, validPairs } from './replace-unsendable.ts'

/** The reply as a web-standard Response, equal in what it says to what a socket would carry. */
export function toWebResponse(ctx: Sending, reply: Reply, constantHeaders: readonly string[], extraHeaders: readonly string[]): Response {
  try {
    return build(ctx, reply, toHeaders(buildHead(ctx.method, reply, constantHeaders, extraHeaders)))
  } catch (error) {
    replaceUnsendable(ctx, reply, error)
    return build(ctx, reply, toHeaders(buildHead(ctx.method, reply, validPairs(constantHeaders), validPairs(extraHeaders))))
  }
}

function build(ctx: Sending, reply: Reply, headers: Headers): Response {
  const { payload } = reply
  const status = checkStatus(reply.status)
  if (ctx.method !== 'HEAD' && carriesBody(status) && payload !== null) {
    return new Response(payload instanceof Readable ? toWebStream(ctx, reply, payload) : (payload as string | Uint8Array<ArrayBuffer>), { status, headers })
  }
  if (payload instanceof Readable) payload.destroy()
  return new Response(null, { status, headers })
}

function toHeaders(pairs: readonly string[]): Headers {
  const headers = new Headers()
  for (let i = 0; i < pairs.length; i += 2) headers.append(pairs[i] as string, pairs[i + 1] as string)
  return headers
}

/** Pulled only as the reader reads; a source that fails fails the stream, a reader that leaves closes the source. */
function toWebStream(ctx: Sending, reply: Reply, source: Readable): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = source[Symbol.asyncIterator]()
  const check = new LengthCheck(reply.length)
  let left = false
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await chunks.next()
          if (done === true) {
            check.end()
            controller.close()
            return
          }
          const chunk = check.pass(value)
          controller.enqueue((typeof chunk === 'string' ? Buffer.from(chunk) : chunk) as Uint8Array<ArrayBuffer>)
        } catch (error) {
          source.destroy()
          if (left) return
          ctx.log?.error({ err: error }, 'A stream failed while it was sent')
          throw error
        }
      },
      cancel() {
        left = true
        source.destroy()
      },
    },
    { highWaterMark: 0 },
  )
}
