import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { CoreSettings, Environment } from 'glueful'
import { fail } from '../errors.ts'

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

/** Outside of production an application runs without being configured; what it seals then proves nothing. */
const developmentKey = 'known to everybody, for development only'

/**
 * HMAC-SHA256 under a key derived from APP_KEY; what APP_PREVIOUS_KEYS sealed still holds.
 * @throws `APP_KEY_MISSING` in production without one
 */
export function createAuditSeal({ appKey, appPreviousKeys }: Pick<CoreSettings, 'appKey' | 'appPreviousKeys'>, environment: Environment): AuditSeal {
  if (appKey === undefined && environment === 'production') throw fail('APP_KEY_MISSING', { purpose: 'seal the audit log' })
  const given = appKey?.reveal() ?? developmentKey
  const previous = (appPreviousKeys?.reveal() ?? '').split(',').filter((one) => one !== '')
  const derive = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', 'glueful audit', 32))
  const key = derive(given)
  const keys = [key, ...previous.map(derive)]
  const under = (key: Buffer, { id, seq, hash }: ChainEnd) =>
    createHmac('sha256', key)
      .update(JSON.stringify([id, seq, hash]))
      .digest()

  return {
    seal: (end) => under(key, end).toString('hex'),
    holds(end, seal) {
      const found = Buffer.from(seal, 'hex')
      return found.length === 32 && keys.some((key) => timingSafeEqual(found, under(key, end)))
    },
  }
}
