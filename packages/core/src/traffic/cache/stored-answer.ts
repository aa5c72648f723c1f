import { Reply } from '../../http/context/reply.ts'

/** An answer as it is kept: what it takes to give it again byte for byte. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: readonly string[]
  readonly payload: string | Uint8Array | null
  /** In ms after its time. */
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

/** Where a URL's answers differ by request headers that the answers name: which ones. */
export interface VariantIndex {
  readonly vary: readonly string[]
}

type Head = Omit<StoredAnswer, 'payload'> & { readonly body: 'text' | 'base64' | 'none' }

/** A line of JSON, then the body. */
export function renderStored({ payload, ...rest }: StoredAnswer): string {
  const body = payload === null ? 'none' : typeof payload === 'string' ? 'text' : 'base64'
  const head: Head = { ...rest, body }
  const text = payload === null ? '' : typeof payload === 'string' ? payload : Buffer.from(payload).toString('base64')
  return `${JSON.stringify(head)}\n${text}`
}

export function renderIndex(index: VariantIndex): string {
  return `${JSON.stringify(index)}\n`
}

export function parseStored(data: string): StoredAnswer | VariantIndex {
  const end = data.indexOf('\n')
  const head = JSON.parse(data.slice(0, end)) as Head | VariantIndex
  if ('vary' in head) return head
  const text = data.slice(end + 1)
  const { body, ...rest } = head
  return { ...rest, payload: body === 'none' ? null : body === 'text' ? text : Buffer.from(text, 'base64') }
}

/** The answer again, as a reply that is encoded already. */
export function replyOf({ status, headers, payload }: StoredAnswer): Reply {
  const kind = payload === null ? 'empty' : typeof payload === 'string' ? 'text' : 'bytes'
  const reply = new Reply(status, kind, undefined, [...headers])
  reply.payload = payload
  reply.encoded = true
  return reply
}
