import { createHash, hkdfSync } from 'node:crypto'
import type { CoreSettings, Environment } from 'glueful'
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { fail } from '../errors.ts'

/** Encrypts private keys for the database. */
export interface KeySealing {
  seal(text: string): Promise<string>
  /** @throws `TOKEN_KEY_SEALED` when neither APP_KEY nor one before it opens it */
  open(sealed: string): Promise<string>
}

interface SealingKey {
  readonly id: string
  readonly bytes: Uint8Array
}

/** Outside of production an application runs without being configured; what it seals then is no secret. */
const developmentKey = 'known to everybody, for development only'

/** AES-256-GCM as JWE (RFC 7516) under a key derived from APP_KEY; APP_PREVIOUS_KEYS still open. */
export function createKeySealing({ appKey, appPreviousKeys }: Pick<CoreSettings, 'appKey' | 'appPreviousKeys'>, environment: Environment): KeySealing {
  const given = appKey?.reveal() ?? (environment === 'production' ? undefined : developmentKey)
  const previous = (appPreviousKeys?.reveal() ?? '').split(',').filter((one) => one !== '')
  const keys = [given, ...previous].filter((one) => one !== undefined).map(derive)

  return {
    async seal(text) {
      const [key] = keys
      if (given === undefined || key === undefined) throw fail('APP_KEY_MISSING', { purpose: 'encrypt private keys' })
      return new CompactEncrypt(Buffer.from(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.id }).encrypt(key.bytes)
    },
    async open(sealed) {
      const { kid } = decodeProtectedHeader(sealed)
      const key = keys.find(({ id }) => id === kid)
      if (key === undefined) throw fail('TOKEN_KEY_SEALED', { reason: 'it was sealed under another APP_KEY' })
      try {
        const { plaintext } = await compactDecrypt(sealed, key.bytes, { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] })
        return Buffer.from(plaintext).toString()
      } catch (cause) {
        throw fail('TOKEN_KEY_SEALED', { reason: 'it was changed' }, { cause })
      }
    },
  }
}

function derive(secret: string): SealingKey {
  const bytes = new Uint8Array(hkdfSync('sha256', secret, '', 'glueful token keys', 32))
  return { bytes, id: createHash('sha256').update(bytes).digest('base64url').slice(0, 12) }
}
