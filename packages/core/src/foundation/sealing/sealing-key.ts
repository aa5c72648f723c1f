import { createHash, hkdfSync } from 'node:crypto'

/** A key of 256 bits and its name, which says nothing about it. */
export interface SealingKey {
  readonly id: string
  readonly bytes: Uint8Array
}

/** HKDF (RFC 5869), so that one secret serves several purposes, and what is known of one key says nothing about another. */
export function deriveKey(secret: string, purpose: string): SealingKey {
  const bytes = new Uint8Array(hkdfSync('sha256', secret, '', `glueful ${purpose}`, 32))
  return { bytes, id: createHash('sha256').update(bytes).digest('base64url').slice(0, 12) }
}
