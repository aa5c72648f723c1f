import { compare, truncates } from 'bcryptjs'
import { fail } from '../errors.ts'
import type { PasswordAlgorithm } from './password-algorithm.ts'

const format = /^\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/**
 * Verifies hashes that came with users from elsewhere; new ones are never made. bcrypt looks at 72 bytes: a longer
 * password is compared as far as that, as where it came from, and then not rehashed, because nobody has ever checked
 * the rest of what was typed.
 */
export function createBcrypt(): Pick<PasswordAlgorithm, 'name' | 'matches' | 'verify'> & { isWhole(password: string): boolean } {
  return {
    name: 'bcrypt',
    matches: (hash) => hash.startsWith('$2'),
    isWhole: (password) => !truncates(password),
    async verify(hash, password) {
      const rounds = Number(format.exec(hash)?.[1] ?? Number.NaN)
      if (!(rounds >= 4 && rounds <= 16)) throw fail('PASSWORD_HASH_UNREADABLE', { reason: 'it is no bcrypt hash of 4 to 16 rounds' })
      // $2x$ and $2y$ name the same function where it is correct, which bcryptjs calls $2b$.
      return compare(password, `$2b$${hash.slice(4)}`)
    },
  }
}
