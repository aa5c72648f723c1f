import { createPasswords } from '../passwords/passwords.ts'
import type { AuthUser, UserStore } from '../users/user-store.ts'

/** As quick as Argon2 allows, for tests that are not about its cost. */
export const quickPasswords = createPasswords({ cost: { memory: 64, passes: 1, parallelism: 1 } })
export const password = 'correct horse battery'

export interface StoredUser extends AuthUser {
  readonly login: string
  passwordHash: string | null
  roles: readonly string[]
  active: boolean
  verified: boolean
}

/** A store of users as an application might have one; records what it is told. */
export function memoryUsers(users: readonly StoredUser[]): UserStore & { readonly all: readonly StoredUser[] } {
  const find = (id: string) => users.find((user) => user.id === id)
  return {
    all: users,
    findByLogin: async (login) => users.find((user) => user.login === login.toLowerCase()),
    findById: async (id) => find(id),
    updatePasswordHash: async (id, hash) => void Object.assign(find(id) ?? {}, { passwordHash: hash }),
    markVerified: async (id) => void Object.assign(find(id) ?? {}, { verified: true }),
  }
}

const hash = await quickPasswords.hash(password)

export function someUsers(): StoredUser[] {
  const user = (id: string, name: string, more: Partial<StoredUser> = {}): StoredUser => ({
    id,
    login: `${name}@example.com`,
    email: `${name}@example.com`,
    passwordHash: hash,
    roles: [],
    active: true,
    verified: false,
    ...more,
  })
  return [user('1', 'ada', { roles: ['admin'] }), user('2', 'bob', { roles: ['seller'], plan: 'pro' }), user('3', 'eve', { active: false })]
}
