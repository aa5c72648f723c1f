import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { fail } from '../errors.ts'
import type { Keyring } from './keyring.ts'

const marker = 'enc1'
const ivLength = 12
const tagLength = 16

/** AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: `enc1.key.nonce+tag+text`, in base64url. */
export function encryptText(value: string, keyring: Keyring): string {
  const [key] = keyring.keys
  if (key === undefined) throw fail('ENCRYPTION_KEY_MISSING', undefined)
  const iv = randomBytes(ivLength)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, iv)
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return `${marker}.${key.id}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
}

export function decryptText(sealed: string, column: string, keyring: Keyring): string {
  const [mark, id, body = ''] = sealed.split('.')
  const key = keyring.keys.find((candidate) => candidate.id === id)
  if (mark !== marker || key === undefined)
    throw fail('DECRYPTION_FAILED', { column, reason: mark === marker ? 'its key is not among APP_KEY and APP_PREVIOUS_KEYS' : 'it is not encrypted' })
  const bytes = Buffer.from(body, 'base64url')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, ivLength), { authTagLength: tagLength })
    decipher.setAuthTag(bytes.subarray(ivLength, ivLength + tagLength))
    return decipher.update(bytes.subarray(ivLength + tagLength), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    throw fail('DECRYPTION_FAILED', { column, reason: 'it was changed' }, { cause })
  }
}
