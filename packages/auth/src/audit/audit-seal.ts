import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Sealing } from 'glueful'

/** One end of the chain. */
export interface ChainEnd {
  readonly id: 'head' | 'start'
  readonly seq: number
  readonly hash: string
}

/** Says who wrote an end of the chain: nobody without the application's key can move one. */
export interface AuditSeal {
  seal(end: ChainEnd): string
  holds(end: ChainEnd, seal: string): boolean
}

/**
 * HMAC-SHA256 under a key that follows from APP_KEY; what APP_PREVIOUS_KEYS sealed still holds.
 * @throws `APP_KEY_MISSING` in production without one
 */
export function createAuditSeal(sealing: Sealing): AuditSeal {
  const keys = sealing.keysFor('audit')
  const current = keys[0] as Uint8Array
  const under = (key: Uint8Array, { id, seq, hash }: ChainEnd) =>
    createHmac('sha256', key)
      .update(JSON.stringify([id, seq, hash]))
      .digest()

  return {
    seal: (end) => under(current, end).toString('hex'),
    holds(end, seal) {
      const found = Buffer.from(seal, 'hex')
      return found.length === 32 && keys.some((key) => timingSafeEqual(found, under(key, end)))
    },
  }
}
