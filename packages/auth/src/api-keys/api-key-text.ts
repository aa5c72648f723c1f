import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What a key may be used in; a test key does nothing in production, and a live key nothing outside of it. */
export type ApiKeyMode = 'live' | 'test'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const format = /^gf_(live|test)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/

/**
 * A new key: `gf_live_` or `gf_test_`, 32 random characters of base 62 (190 bits) and a checksum, by which scanners for
 * secrets tell a key from what only looks like one without asking anybody.
 */
export function generateApiKey(mode: ApiKeyMode): string {
  const random = Array.from({ length: 32 }, () => digits[randomInt(62)]).join('')
  const body = `gf_${mode}_${random}`
  return body + checksumOf(body)
}

/** What the text says of itself; undefined for what can't be a key, so that no typo reaches the database. */
export function readApiKey(text: string): { readonly mode: ApiKeyMode } | undefined {
  const match = format.exec(text)
  if (match === null || checksumOf(text.slice(0, -6)) !== match[3]) return undefined
  return { mode: match[1] as ApiKeyMode }
}

/** What is stored. The key has more entropy than the hash, so neither salt nor slowness would add anything. */
export function hashApiKey(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** What people know a key by: enough to find it in a list, far too little to use it. */
export function shownPartOf(text: string): string {
  return text.slice(0, 'gf_live_'.length + 4)
}

/** CRC-32 in six digits of base 62. */
function checksumOf(text: string): string {
  let rest = crc32(text)
  let out = ''
  for (let n = 0; n < 6; n++) {
    out = digits[rest % 62] + out
    rest = Math.floor(rest / 62)
  }
  return out
}
