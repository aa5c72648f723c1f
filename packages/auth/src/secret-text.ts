import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits as text for URLs and cookies. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a secret that has enough entropy of its own. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
