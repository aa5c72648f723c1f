import { createHash, hkdfSync } from 'node:crypto'
import type { Secret } from 'glueful'

interface Key {
  readonly id: string
  readonly bytes: Uint8Array
}

/** The keys of encrypted columns: the first encrypts, all of them decrypt. */
export interface Keyring {
  readonly keys: readonly Key[]
}

/**
 * Keys for encrypted columns, from APP_KEY and, between commas, those that came before it. After a change of APP_KEY the
 * older values can still be read, and are encrypted under the new key when they are written again.
 */
export function createKeyring(current: Secret | undefined, previous?: Secret): Keyring {
  const earlier =
    previous === undefined
      ? []
      : previous
          .reveal()
          .split(',')
          .map((key) => key.trim())
  const texts = [...(current === undefined ? [] : [current.reveal()]), ...earlier.filter((key) => key !== '')]
  return { keys: texts.map(deriveKey) }
}

/** HKDF (RFC 5869), so that APP_KEY may serve other purposes under other names. */
function deriveKey(text: string): Key {
  const bytes = new Uint8Array(hkdfSync('sha256', text, '', 'glueful encrypted columns', 32))
  return { bytes, id: createHash('sha256').update(bytes).digest('base64url').slice(0, 8) }
}
