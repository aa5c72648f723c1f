import type { Identity } from 'glueful'
import type { AuthUser } from '../users/user-store.ts'

/** A user as the identity that handlers see. */
export function identityOf(user: AuthUser, strategy: string, credential: string, more: Partial<Pick<Identity, 'scopes' | 'rateLimit'>> = {}): Identity {
  return {
    id: user.id,
    roles: user.roles ?? [],
    scopes: user.scopes ?? ['*'],
    strategy,
    credential,
    ...(user.plan === undefined ? {} : { plan: user.plan }),
    ...more,
  }
}
