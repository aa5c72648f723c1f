import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { CoreSettings, Environment } from 'glueful'
import { fail } from '../errors.ts'

/** Keeps the secrets of endpoints unreadable in the database. */
export interface SecretBox {
  seal(secret: string): string
  /** @throws `WEBHOOK_SECRET_SEALED` when neither APP_KEY nor one before it opens it */
  open(sealed: string): string
}

/** Outside of production an application runs without being configured; what it seals then is no secret. */
const developmentKey = 'known to everybody, for development only'

/**
 * AES-256-GCM under a key derived from APP_KEY; what APP_PREVIOUS_KEYS sealed still opens.
 * @throws `WEBHOOK_APP_KEY_MISSING` in production without APP_KEY
 */
export function createSecretBox({ appKey, appPreviousKeys }: Pick<CoreSettings, 'appKey' | 'appPreviousKeys'>, environment: Environment): SecretBox {
  if (appKey === undefined && environment === 'production') throw fail('WEBHOOK_APP_KEY_MISSING', undefined)
  const previous = (appPreviousKeys?.reveal() ?? '').split(',').filter((one) => one !== '')
  const current = derive(appKey?.reveal() ?? developmentKey)
  const keys = [current, ...previous.map(derive)]
  return {
    seal(secret) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.bytes, iv)
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return `${current.id}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    open(sealed) {
      const [id, body = ''] = sealed.split('.')
      const key = keys.find((one) => one.id === id)
      if (key === undefined) throw fail('WEBHOOK_SECRET_SEALED', { reason: 'it was sealed under another APP_KEY' })
      const bytes = Buffer.from(body, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, 12), { authTagLength: 16 })
        decipher.setAuthTag(bytes.subarray(12, 28))
        return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')
      } catch (cause) {
        throw fail('WEBHOOK_SECRET_SEALED', { reason: 'it was changed' }, { cause })
      }
    },
  }
}

function derive(secret: string) {
  const bytes = new Uint8Array(hkdfSync('sha256', secret, '', 'glueful webhook secrets', 32))
  return { bytes, id: createHash('sha256').update(bytes).digest('base64url').slice(0, 8) }
}
