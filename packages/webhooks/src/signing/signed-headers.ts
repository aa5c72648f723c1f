import { createHmac } from 'node:crypto'
import { signContent } from './signing-key.ts'

export interface SignedMessage {
  readonly id: string
  /** Seconds since the epoch, of this attempt. */
  readonly timestamp: number
  readonly body: string
  /** The current secret first, then those that still count. */
  readonly secrets: readonly string[]
  /** A header of an older scheme besides: `X-Webhook-Signature` carries `sha256=…`, the HMAC of the body in hex. */
  readonly legacyHeader: string | undefined
}

/** Headers of Standard Webhooks 1.0; one signature a secret, separated by spaces, so that a rotation is never noticed. */
export function signedHeaders({ id, timestamp, body, secrets, legacyHeader }: SignedMessage): Record<string, string> {
  const content = `${id}.${timestamp}.${body}`
  const [current = ''] = secrets
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map((secret) => signContent(secret, content)).join(' '),
    ...(legacyHeader === undefined || !current.startsWith('whsec_')
      ? {}
      : { [legacyHeader.toLowerCase()]: `sha256=${createHmac('sha256', current).update(body).digest('hex')}` }),
  }
}
