import { fail } from '../../foundation/errors/catalog.ts'

const longest = 255
// Visible ASCII that neither ends a structured string nor starts a second value.
const wellFormed = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/

/**
 * The key of a request: a structured string (`"8e03978e…"`) as the draft has it, or the same without quotes as most clients
 * send it; the two are one key. 1 to 255 characters of visible ASCII without quotes, commas, semicolons and backslashes.
 * Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 * @throws `IDEMPOTENCY_KEY_INVALID` (400)
 */
export function readIdempotencyKey(field: string | undefined): string | undefined {
  if (field === undefined) return undefined
  const text = field.trim()
  const key = text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
  if (key.length > longest || !wellFormed.test(key)) throw fail('IDEMPOTENCY_KEY_INVALID', { longest })
  return key
}
