import { randomBytes, scrypt as scryptWithCallback, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import { fail } from '../errors.ts'
import type { PasswordAlgorithm } from './password-algorithm.ts'
import { paramOf, parsePhcString, renderPhcString } from './phc-string.ts'

const scrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scryptWithCallback)
const mostMemory = 256 * 1024 * 1024

/** scrypt (RFC 7914) as PHC strings; new hashes have the cost that OWASP recommends: N 2^17, r 8, p 1. */
export function createScrypt(): PasswordAlgorithm {
  const current = { ln: 17, r: 8, p: 1 }

  async function derive(password: string, salt: Buffer, length: number, { ln, r, p }: typeof current): Promise<Buffer> {
    const N = 2 ** ln
    const needed = 128 * r * (N + p + 2)
    if (needed > mostMemory) throw fail('PASSWORD_HASH_UNREADABLE', { reason: `it needs ${needed} bytes of memory` })
    return scrypt(password, salt, length, { N, r, p, maxmem: needed + 1024 })
  }

  return {
    name: 'scrypt',
    matches: (hash) => hash.startsWith('$scrypt$'),
    async hash(password) {
      const salt = randomBytes(16)
      return renderPhcString('scrypt', undefined, current, salt, await derive(password, salt, 32, current))
    },
    async verify(hash, password) {
      const parsed = parsePhcString(hash)
      const made = await derive(password, parsed.salt, parsed.hash.length, {
        ln: paramOf(parsed, 'ln', 1, 24),
        r: paramOf(parsed, 'r', 1, 64),
        p: paramOf(parsed, 'p', 1, 64),
      })
      return timingSafeEqual(made, parsed.hash)
    },
    isCurrent(hash) {
      const { params } = parsePhcString(hash)
      return params.get('ln') === current.ln && params.get('r') === current.r && params.get('p') === current.p
    },
  }
}
