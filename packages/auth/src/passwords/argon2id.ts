import * as crypto from 'node:crypto'
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { fail } from '../errors.ts'
import type { PasswordAlgorithm } from './password-algorithm.ts'
import { paramOf, parsePhcString, renderPhcString } from './phc-string.ts'

export interface Argon2Cost {
  /** KiB. Default: 19,456. */
  readonly memory?: number
  /** Default: 2. */
  readonly passes?: number
  /** Default: 1. */
  readonly parallelism?: number
}

const version = 0x13

/**
 * Argon2id (RFC 9106) of node:crypto, with the parameters of the OWASP Password Storage Cheat Sheet by default. It runs
 * in the thread pool, not on the event loop.
 * @throws `ARGON2_UNAVAILABLE` where Node was built with an OpenSSL older than 3.2
 */
export function createArgon2id({ memory = 19_456, passes = 2, parallelism = 1 }: Argon2Cost = {}): PasswordAlgorithm {
  if (typeof crypto.argon2 !== 'function') throw fail('ARGON2_UNAVAILABLE', { node: process.versions.node, openssl: process.versions.openssl })
  const argon2 = promisify(crypto.argon2)

  return {
    name: 'argon2id',
    matches: (hash) => hash.startsWith('$argon2id$') || hash.startsWith('$argon2i$') || hash.startsWith('$argon2d$'),
    async hash(password) {
      const nonce = randomBytes(16)
      const made = await argon2('argon2id', { message: password, nonce, memory, passes, parallelism, tagLength: 32 })
      return renderPhcString('argon2id', version, { m: memory, t: passes, p: parallelism }, nonce, made)
    },
    async verify(hash, password) {
      const parsed = parsePhcString(hash)
      if (parsed.version !== version) throw fail('PASSWORD_HASH_UNREADABLE', { reason: 'only version 19 of Argon2 is supported' })
      const kind = hash.slice(1, hash.indexOf('$', 1)) as 'argon2id' | 'argon2i' | 'argon2d'
      const lanes = paramOf(parsed, 'p', 1, 64)
      const made = await argon2(kind, {
        message: password,
        nonce: parsed.salt,
        memory: paramOf(parsed, 'm', 8 * lanes, 1_048_576),
        passes: paramOf(parsed, 't', 1, 32),
        parallelism: lanes,
        tagLength: parsed.hash.length,
      })
      return timingSafeEqual(made, parsed.hash)
    },
    isCurrent(hash) {
      const { params, hash: tag } = parsePhcString(hash)
      const same = params.get('m') === memory && params.get('t') === passes && params.get('p') === parallelism
      return hash.startsWith('$argon2id$') && same && tag.length >= 32
    },
  }
}
