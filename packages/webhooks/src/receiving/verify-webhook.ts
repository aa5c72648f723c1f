import { fail } from '../errors.ts'
import { matchesSignature } from '../signing/signing-key.ts'

export interface VerifyWebhookOptions {
  /** `whsec_…` or `whpk_…`; several while the sender rotates them. */
  readonly secret: string | readonly string[]
  readonly headers: Headers | Readonly<Record<string, string | undefined>>
  /** As it was sent, byte for byte; parsed and written again it has another signature. */
  readonly body: Uint8Array | string
  /** How far the timestamp may be off, in seconds. Default: 300. */
  readonly tolerance?: number
  /** In ms since the epoch. Default: now. */
  readonly now?: number
}

export interface VerifiedWebhook {
  /** The same in every attempt: what makes a repetition recognisable. */
  readonly id: string
  readonly sentAt: Date
}

const mostSignatures = 10

/**
 * Verifies a webhook in the format of Standard Webhooks, whoever sent it.
 *
 * @example
 * const { id } = verifyWebhook({ secret, headers: request.headers, body: await request.text() })
 *
 * @throws `WEBHOOK_HEADERS_INVALID` (400), `WEBHOOK_TOO_OLD` (401), `WEBHOOK_SIGNATURE_INVALID` (401), `WEBHOOK_SECRET_INVALID`
 */
export function verifyWebhook({ secret, headers, body, tolerance = 300, now = Date.now() }: VerifyWebhookOptions): VerifiedWebhook {
  const read = (name: string) => (headers instanceof Headers ? headers.get(name) : headers[name]) ?? ''
  const id = read('webhook-id')
  const timestamp = read('webhook-timestamp')
  const signatures = read('webhook-signature')
    .split(' ')
    .filter((one) => one !== '')
  if (id === '' || id.length > 255 || !/^\d{1,12}$/.test(timestamp) || signatures.length === 0 || signatures.length > mostSignatures)
    throw fail('WEBHOOK_HEADERS_INVALID', undefined)
  const sentAt = Number(timestamp) * 1_000
  // A tolerance that is no number, such as that of a variable that is missing, tolerates nothing.
  if (!(Math.abs(now - sentAt) <= tolerance * 1_000)) throw fail('WEBHOOK_TOO_OLD', { tolerance })
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), typeof body === 'string' ? Buffer.from(body) : body])
  const keys = typeof secret === 'string' ? [secret] : secret
  if (!keys.some((key) => matchesSignature(key, content, signatures))) throw fail('WEBHOOK_SIGNATURE_INVALID', undefined)
  return { id, sentAt: new Date(sentAt) }
}
