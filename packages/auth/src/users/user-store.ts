import { service, type Service } from 'glueful'

/** A user as this package needs to know it. */
export interface AuthUser {
  readonly id: string
  /** Null for users without a password. */
  readonly passwordHash: string | null
  /** Default: none. */
  readonly roles?: readonly string[]
  /** What sessions and tokens of the user may be used for. Default: everything (`*`), because the user acts directly. */
  readonly scopes?: readonly string[]
  readonly plan?: string
  /** False keeps the user out: no login, no session, no key. Default: true. */
  readonly active?: boolean
  /** Where letters go. Without it, links to reset a password go to what was typed as login. */
  readonly email?: string
  /** What others know of the user and so should not be the password: name, address. */
  readonly about?: readonly string[]
}

/** Where users come from; any model serves. */
export interface UserStore {
  /** By what is typed at login: an address, a name. How it is compared is the application's to say. */
  findByLogin(login: string): Promise<AuthUser | undefined>
  findById(id: string): Promise<AuthUser | undefined>
  updatePasswordHash(id: string, hash: string): Promise<void>
  /** The user has shown that the address is theirs. Without it, addresses are not verified. */
  markVerified?(id: string, email: string): Promise<void>
}

export const Users: Service<UserStore> = service<UserStore>('users')
