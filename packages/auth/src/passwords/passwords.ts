import { service, type Service } from 'glueful'
import { fail } from '../errors.ts'
import { createArgon2id, type Argon2Cost } from './argon2id.ts'
import { createBcrypt } from './bcrypt.ts'
import { createLimit } from './limit.ts'
import type { PasswordAlgorithm } from './password-algorithm.ts'
import { createScrypt } from './scrypt.ts'

/** What a comparison found. */
export interface PasswordCheck {
  readonly valid: boolean
  /** A hash to keep instead, where the one that matched is older or weaker than today's. */
  readonly rehashed?: string
}

/** Hashes and compares passwords. */
export interface Passwords {
  /** A hash to store; see `PasswordPolicy` for what may be a password. */
  hash(password: string): Promise<string>
  /**
   * Compares. Without a hash (there is no such user) it works as long as with one and answers false, so that nobody
   * learns from the time which users there are.
   * @throws `PASSWORD_HASH_UNREADABLE`, `PASSWORDS_BUSY`
   */
  verify(hash: string | null | undefined, password: string): Promise<PasswordCheck>
}

export const Passwords: Service<Passwords> = service<Passwords>('passwords')

export interface PasswordsOptions {
  /** What new hashes are made with. Default: argon2id; scrypt for a Node without it. */
  readonly algorithm?: 'argon2id' | 'scrypt' | PasswordAlgorithm
  readonly cost?: Argon2Cost
  /** Comparisons at one time, and how many may wait for theirs. Default: 4 and 256. */
  readonly concurrency?: number
  readonly waiting?: number
}

/** @throws `ARGON2_UNAVAILABLE` */
export function createPasswords({ algorithm = 'argon2id', cost, concurrency = 4, waiting = 256 }: PasswordsOptions = {}): Passwords {
  const scrypt = createScrypt()
  const bcrypt = createBcrypt()
  const argon2id = algorithm === 'argon2id' ? createArgon2id(cost) : undefined
  const current = typeof algorithm === 'object' ? algorithm : (argon2id ?? scrypt)
  const known = [current, ...(current === scrypt ? [] : [scrypt])]
  const limited = createLimit(concurrency, waiting)
  // A hash that no password has: what unknown users are compared with.
  let dummy: Promise<string> | undefined

  async function compare(hash: string, password: string): Promise<PasswordCheck> {
    if (bcrypt.matches(hash)) {
      if (!(await bcrypt.verify(hash, password))) return { valid: false }
      return bcrypt.isWhole(password) ? { valid: true, rehashed: await current.hash(normal(password)) } : { valid: true }
    }
    const found = known.find((one) => one.matches(hash))
    if (found === undefined) throw fail('PASSWORD_HASH_UNREADABLE', { reason: 'its algorithm is not known' })
    // Hashes from elsewhere may be of the text as it was typed.
    const text = normal(password)
    const valid = (await found.verify(hash, text)) || (text !== password && (await found.verify(hash, password)))
    if (!valid) return { valid }
    return found === current && current.isCurrent(hash) ? { valid } : { valid, rehashed: await current.hash(text) }
  }

  return {
    hash: (password) => limited(() => current.hash(normal(password))),
    async verify(hash, password) {
      if (typeof hash === 'string' && hash !== '') return limited(() => compare(hash, password))
      const unknown = await (dummy ??= current.hash(crypto.randomUUID()))
      await limited(() => current.verify(unknown, normal(password)))
      return { valid: false }
    },
  }
}

/** One spelling for what looks the same (NIST SP 800-63B, 3.1.1.2): keyboards differ in how they compose letters. */
function normal(password: string): string {
  return password.normalize('NFKC')
}
