import { Readable } from 'node:stream'
import type { Context } from '../http/context/context.ts'

/** The request as a web-standard object; its body is the same unread stream, so read it on one side only. */
export function toWebRequest(ctx: Context & { readonly req: { readonly rawHeaders: readonly string[]; readonly url?: string | undefined } }): Request {
  const headers = new Headers()
  const raw = ctx.req.rawHeaders
  for (let i = 0; i < raw.length; i += 2) headers.append(raw[i] as string, raw[i + 1] as string)
  const host = ctx.host === '' ? 'localhost' : ctx.host
  const target = ctx.req.url ?? '/'
  const url = target.startsWith('/') ? `${ctx.protocol}://${host}${target}` : target
  const hasBody = ctx.method !== 'GET' && ctx.method !== 'HEAD'
  return new Request(url, {
    method: ctx.method,
    headers,
    signal: ctx.signal,
    ...(hasBody ? { body: Readable.toWeb(ctx.stream()) as ReadableStream<Uint8Array>, duplex: 'half' as const } : {}),
  })
}
