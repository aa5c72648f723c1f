import { parseKept, renderKept, type KeptReply } from '../../http/reply/kept-reply.ts'

/** How long after its time an answer may serve, in ms. */
export interface Staleness {
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

export type StoredAnswer = KeptReply & Staleness

/** Where a URL's answers differ by request headers that the answers name: which ones. */
export interface VariantIndex {
  readonly vary: readonly string[]
}

export function renderStored(answer: StoredAnswer): string {
  const { staleWhileRevalidate, staleIfError } = answer
  return renderKept<Staleness>(answer, { staleWhileRevalidate, staleIfError })
}

export function renderIndex(index: VariantIndex): string {
  return `${JSON.stringify(index)}\n`
}

export function parseStored(data: string): StoredAnswer | VariantIndex {
  return data.startsWith('{"vary":') ? (JSON.parse(data) as VariantIndex) : parseKept<Staleness>(data)
}
