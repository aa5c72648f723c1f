import { nonceLength, tagLength, type SealedParts } from './sealed-parts.ts'

const shortKeyId = /^[\w-]{8}$/

/**
 * What was sealed before there was one format: `enc1.key.body` of encrypted columns, `key.body` of webhook secrets, and
 * JSON Web Encryption (RFC 7516, `dir` and `A256GCM`) of token keys. None of them knows of a place. They are opened, and
 * become the format of today when they are sealed again.
 */
export function readEarlierFormat(sealed: string): SealedParts | undefined {
  const parts = sealed.split('.')
  const [first = '', second = '', third = ''] = parts
  if (parts.length === 2) return readBytes(first, second)
  if (parts.length === 3) return first === 'enc1' ? readBytes(second, third) : undefined
  return parts.length === 5 ? readJwe(parts) : undefined
}

function readBytes(keyId: string, body: string): SealedParts | undefined {
  const bytes = Buffer.from(body, 'base64url')
  if (!shortKeyId.test(keyId) || bytes.length < nonceLength + tagLength) return undefined
  return {
    keyId,
    nonce: bytes.subarray(0, nonceLength),
    tag: bytes.subarray(nonceLength, nonceLength + tagLength),
    body: bytes.subarray(nonceLength + tagLength),
    associated: undefined,
  }
}

function readJwe(parts: readonly string[]): SealedParts | undefined {
  const [header = '', , nonceText = '', body = '', tagText = ''] = parts
  const [nonce, tag] = [Buffer.from(nonceText, 'base64url'), Buffer.from(tagText, 'base64url')]
  const keyId = keyIdOf(header)
  if (keyId === undefined || nonce.length !== nonceLength || tag.length !== tagLength) return undefined
  return { keyId, nonce, tag, body: Buffer.from(body, 'base64url'), associated: Buffer.from(header) }
}

function keyIdOf(header: string): string | undefined {
  try {
    const { alg, enc, kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>
    return alg === 'dir' && enc === 'A256GCM' && typeof kid === 'string' ? kid : undefined
  } catch {
    return undefined
  }
}
