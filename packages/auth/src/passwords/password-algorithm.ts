/** One way to hash passwords; hashes are text that begins with the algorithm's mark. */
export interface PasswordAlgorithm {
  readonly name: string
  /** Whether the hash is one of its own. */
  matches(hash: string): boolean
  /** @throws `PASSWORD_HASH_UNREADABLE` when the hash is damaged, or asks for more memory or time than any sensible one */
  verify(hash: string, password: string): Promise<boolean>
  /** A new hash with a salt of its own. */
  hash(password: string): Promise<string>
  /** Whether the hash is as strong as one that `hash` would make today. */
  isCurrent(hash: string): boolean
}
