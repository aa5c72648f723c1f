import type { AuthUser, UserStore } from '@glueful/auth'
import { User } from '../models/index.ts'

/** The users of the marketplace, as authentication needs to know them. */
export const users: UserStore = {
  findByLogin: async (login) => toAuthUser(await User.where('email', login.trim().toLowerCase()).first()),
  findById: async (id) => toAuthUser(await User.find(id)),
  updatePasswordHash: async (id, passwordHash) => {
    await User.where('id', id).update({ passwordHash })
  },
  markVerified: async (id, email) => {
    await User.where({ id, email }).update({ verifiedAt: new Date() })
  },
}

function toAuthUser(user: InstanceType<typeof User> | undefined): AuthUser | undefined {
  if (user === undefined) return undefined
  const { id, passwordHash, role, plan, active, email, name } = user
  return { id, passwordHash, roles: [role], plan, active, email, about: [email, name] }
}
