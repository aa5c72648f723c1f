import { Reply } from '../context/reply.ts'

/** An answer as it is kept: what it takes to give it again byte for byte. */
export interface KeptReply {
  readonly status: number
  /** Flat name, value pairs. */
  readonly headers: readonly string[]
  readonly payload: string | Uint8Array | null
}

/** A line of JSON, then the body. `more` is kept with it. */
export function renderKept<More extends object>({ status, headers, payload }: KeptReply, more: More): string {
  const body = payload === null ? 'none' : typeof payload === 'string' ? 'text' : 'base64'
  const text = payload === null ? '' : typeof payload === 'string' ? payload : Buffer.from(payload).toString('base64')
  return `${JSON.stringify({ ...more, status, headers, body })}\n${text}`
}

/** What `renderKept` made, with what was kept beside it. */
export function parseKept<More extends object>(data: string): KeptReply & More {
  const end = data.indexOf('\n')
  const { body, ...head } = JSON.parse(data.slice(0, end)) as Omit<KeptReply, 'payload'> & More & { readonly body: 'text' | 'base64' | 'none' }
  const text = data.slice(end + 1)
  return { ...(head as unknown as Omit<KeptReply, 'payload'> & More), payload: body === 'none' ? null : body === 'text' ? text : Buffer.from(text, 'base64') }
}

/** The answer again, encoded already. */
export function replyOf({ status, headers, payload }: KeptReply): Reply {
  const kind = payload === null ? 'empty' : typeof payload === 'string' ? 'text' : 'bytes'
  const reply = new Reply(status, kind, undefined, [...headers])
  reply.payload = payload
  reply.encoded = true
  return reply
}

/** Whether a reply's bytes are all at hand, as those of streams and files are not. */
export function isWhole({ payload, kind }: Reply): boolean {
  return payload === null ? kind === 'empty' : typeof payload === 'string' || payload instanceof Uint8Array
}
