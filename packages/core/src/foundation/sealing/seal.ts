import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { fail } from '../errors/catalog.ts'
import { readEarlierFormat } from './earlier-formats.ts'
import { nonceLength, tagLength, type SealedParts } from './sealed-parts.ts'
import type { SealingKey } from './sealing-key.ts'

/** Seals texts of one purpose: nobody reads or changes one without the key, or puts it where another belongs. */
export interface Seal {
  /**
   * `place` is where the text belongs, such as the id of its row: it is needed to open it, and is not part of it.
   * @throws `APP_KEY_MISSING`
   */
  seal(text: string, place?: string): string
  /** @throws `UNSEALING_FAILED` where no key opens it, it was changed, or it belongs elsewhere */
  open(sealed: string, place?: string): string
  /** Whether sealing it again would bring the same key and format. */
  isCurrent(sealed: string): boolean
  /** Throws now what sealing would throw later. @throws `APP_KEY_MISSING` */
  requireKey(): Seal
}

const version = 'seal1'

/**
 * AES-256-GCM (NIST SP 800-38D): `seal1.<key>.<nonce, tag and text in base64url>`. Version, key, purpose and place are
 * authenticated. Nonces are random, which is safe for 2^32 texts under one key.
 */
export function createSeal(purpose: string, { current, earlier }: { readonly current: SealingKey | undefined; readonly earlier: readonly SealingKey[] }): Seal {
  const keys = [...(current === undefined ? [] : [current]), ...earlier]
  const associatedWith = (keyId: string, place: string) => Buffer.from(JSON.stringify([version, keyId, purpose, place]))

  function read(sealed: string, place: string): SealedParts | undefined {
    const [mark, keyId = '', body = '', ...more] = sealed.split('.')
    if (mark !== version || more.length > 0) return readEarlierFormat(sealed)
    const bytes = Buffer.from(body, 'base64url')
    // Another spelling of the same bytes is a changed text.
    if (bytes.length < nonceLength + tagLength || bytes.toString('base64url') !== body) return undefined
    return {
      keyId,
      nonce: bytes.subarray(0, nonceLength),
      tag: bytes.subarray(nonceLength, nonceLength + tagLength),
      body: bytes.subarray(nonceLength + tagLength),
      associated: associatedWith(keyId, place),
    }
  }

  const seal: Seal = {
    seal(text, place = '') {
      if (current === undefined) throw fail('APP_KEY_MISSING', { purpose })
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', current.bytes, nonce).setAAD(associatedWith(current.id, place))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${version}.${current.id}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, place = '') {
      const refuse = (reason: string, cause?: unknown) => fail('UNSEALING_FAILED', { purpose, place, reason }, { cause })
      const parts = read(sealed, place)
      if (parts === undefined) throw refuse('it is not sealed')
      const { keyId, nonce, tag, body, associated } = parts
      // Names of earlier formats are shorter.
      const key = keys.find(({ id }) => keyId.length >= 8 && id.startsWith(keyId))
      if (key === undefined) throw refuse('its key is not among APP_KEY and APP_PREVIOUS_KEYS')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagLength }).setAuthTag(tag)
        if (associated !== undefined) decipher.setAAD(associated)
        return decipher.update(body, undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw refuse('it was changed, or belongs elsewhere', cause)
      }
    },
    isCurrent: (sealed) => current !== undefined && sealed.startsWith(`${version}.${current.id}.`),
    requireKey() {
      if (current === undefined) throw fail('APP_KEY_MISSING', { purpose })
      return seal
    },
  }
  return seal
}
