import { createHash, createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { fail } from '../errors.ts'

export const tokenAlgorithms = ['ES256', 'EdDSA', 'RS256', 'HS256'] as const
/** How tokens are signed; HS256 where the service that issues them is the only one that verifies them. */
export type TokenAlgorithm = (typeof tokenAlgorithms)[number]

/** A key for tokens. Its algorithm belongs to it: what a token's header says about itself only has to agree. */
export interface TokenKey {
  readonly kid: string
  readonly algorithm: TokenAlgorithm
  /** Verifies: the public key, or the secret of HS256. */
  readonly verifying: KeyObject
  /** Signs; absent where only the public half is known. */
  readonly signing: KeyObject | undefined
  /** What others may know of it; absent for HS256. */
  readonly jwk: JWK | undefined
  /** Signs new tokens from then on, in ms since the epoch. */
  readonly activeFrom: number
  /** Verifies nothing from then on. */
  readonly retiresAt: number | undefined
}

type Lifetime = Partial<Pick<TokenKey, 'activeFrom' | 'retiresAt'>>

/** Makes a key pair; RS256 with 3,072 bits. */
export function generateTokenKey(algorithm: Exclude<TokenAlgorithm, 'HS256'>): Promise<TokenKey> {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 3_072 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519')
  return toTokenKey(privateKey)
}

/**
 * A key from PEM (PKCS #8 for signing, SPKI for verifying only); the kind of key says the algorithm.
 * @throws `TOKEN_KEY_INVALID`; `source` says where the text came from
 */
export async function readTokenKey(pem: string, source: string, lifetime: Lifetime = {}): Promise<TokenKey> {
  let key: KeyObject
  try {
    key = pem.includes('PRIVATE KEY') ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    // The cause may quote the key.
    throw fail('TOKEN_KEY_INVALID', { source, reason: 'it is no PEM of a private or public key' })
  }
  return toTokenKey(key, lifetime, source)
}

/** A key for HS256 from a secret of at least 32 bytes (RFC 7518, 3.2). */
export function secretTokenKey(secret: string, lifetime: Lifetime = {}): TokenKey {
  const bytes = Buffer.from(secret)
  if (bytes.length < 32) throw fail('TOKEN_KEY_INVALID', { source: 'JWT_SECRET', reason: `it has ${bytes.length} bytes, and HS256 needs 32` })
  const key = createSecretKey(bytes)
  const kid = createHash('sha256').update('kid\0').update(bytes).digest('base64url').slice(0, 16)
  return { kid, algorithm: 'HS256', verifying: key, signing: key, jwk: undefined, activeFrom: lifetime.activeFrom ?? 0, retiresAt: lifetime.retiresAt }
}

async function toTokenKey(key: KeyObject, { activeFrom = 0, retiresAt }: Lifetime = {}, source = 'a generated key'): Promise<TokenKey> {
  const verifying = key.type === 'private' ? createPublicKey(key) : key
  const algorithm = algorithmOf(verifying, source)
  const plain = await exportJWK(verifying)
  const kid = await calculateJwkThumbprint(plain)
  const jwk: JWK = { ...plain, kid, alg: algorithm, use: 'sig' }
  return { kid, algorithm, verifying, signing: key.type === 'private' ? key : undefined, jwk, activeFrom, retiresAt }
}

function algorithmOf(key: KeyObject, source: string): TokenAlgorithm {
  const { asymmetricKeyType, asymmetricKeyDetails } = key
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  if (asymmetricKeyType === 'rsa') {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0
    if (bits >= 2_048) return 'RS256'
    throw fail('TOKEN_KEY_INVALID', { source, reason: `it has ${bits} bits, and RS256 needs 2048` })
  }
  throw fail('TOKEN_KEY_INVALID', { source, reason: `keys of type ${asymmetricKeyType ?? 'unknown'} are not supported (RSA, P-256 and Ed25519 are)` })
}
