import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto'
import { fail } from '../errors.ts'

/** `hmac` is v1 of Standard Webhooks, one secret for both sides; `ed25519` is v1a, the receiver holds the public key. */
export type SigningAlgorithm = 'hmac' | 'ed25519'

const seedHeader = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicHeader = Buffer.from('302a300506032b6570032100', 'hex')

/** A new secret: `whsec_…` (32 random bytes), or `whsk_…` (an ed25519 seed). */
export function generateSecret(algorithm: SigningAlgorithm): string {
  if (algorithm === 'hmac') return `whsec_${randomBytes(32).toString('base64')}`
  const { privateKey } = generateKeyPairSync('ed25519')
  return `whsk_${privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64')}`
}

/** What the receiver verifies with: the secret itself, or the public key `whpk_…` of a `whsk_…`. */
export function verificationKeyOf(secret: string): string {
  if (!secret.startsWith('whsk_')) return secret
  return `whpk_${createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`
}

/** One signature of Standard Webhooks over `id.timestamp.body`: `v1,…` or `v1a,…`. */
export function signContent(secret: string, content: string): string {
  if (secret.startsWith('whsk_')) return `v1a,${sign(null, Buffer.from(content), privateKeyOf(secret)).toString('base64')}`
  return `v1,${createHmac('sha256', bytesOf(secret, 'whsec_')).update(content).digest('base64')}`
}

/** Whether one of the signatures in a header is of this key. */
export function matchesSignature(key: string, content: Buffer, signatures: readonly string[]): boolean {
  if (key.startsWith('whpk_')) {
    const publicKey = createPublicKey({ key: Buffer.concat([publicHeader, bytesOf(key, 'whpk_', 32)]), format: 'der', type: 'spki' })
    return signatures.some((one) => one.startsWith('v1a,') && verify(null, content, publicKey, Buffer.from(one.slice(4), 'base64')))
  }
  const expected = createHmac('sha256', bytesOf(key, 'whsec_')).update(content).digest()
  return signatures.some((one) => {
    const found = one.startsWith('v1,') ? Buffer.from(one.slice(3), 'base64') : undefined
    return found !== undefined && found.length === expected.length && timingSafeEqual(found, expected)
  })
}

function privateKeyOf(secret: string): KeyObject {
  return createPrivateKey({ key: Buffer.concat([seedHeader, bytesOf(secret, 'whsk_', 32)]), format: 'der', type: 'pkcs8' })
}

/** @throws `WEBHOOK_SECRET_INVALID` */
function bytesOf(key: string, prefix: string, length?: number): Buffer {
  const text = key.startsWith(prefix) ? key.slice(prefix.length) : ''
  const bytes = Buffer.from(text, 'base64')
  const isRight = length === undefined ? bytes.length >= 24 && bytes.length <= 64 : bytes.length === length
  if (!isRight || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw fail('WEBHOOK_SECRET_INVALID', { prefix })
  return bytes
}
