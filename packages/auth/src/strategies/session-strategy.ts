import { strategy, type Context, type Identity } from 'glueful'
import { identityOf } from '../access/identity-of.ts'
import { refuseForgedRequest } from '../sessions/csrf.ts'
import { SessionCookies } from '../sessions/session-cookie.ts'
import { Sessions } from '../sessions/sessions.ts'
import { Users } from '../users/user-store.ts'

/**
 * Cookie sessions. A cookie whose session has ended is taken away and counts as none: browsers send it along whether the
 * page wants to or not, so it must not stand in the way of other credentials.
 */
export const sessionStrategy = strategy('session', {
  challenge: 'Cookie',
  scheme: { type: 'apiKey', in: 'cookie', name: 'session', description: 'Cookie of POST /auth/session' },
  authenticate: (ctx) => {
    const secret = ctx.runtime.use(SessionCookies).read(ctx)
    return secret === undefined ? undefined : authenticate(ctx, secret)
  },
})

async function authenticate(ctx: Context, secret: string): Promise<Identity | undefined> {
  const sessions = ctx.runtime.use(Sessions)
  const session = await sessions.findBySecret(secret)
  const user = session === undefined ? undefined : await ctx.runtime.use(Users).findById(session.userId)
  if (session === undefined || user === undefined || user.active === false) {
    if (session !== undefined) await sessions.end(session.id, 'user inactive')
    ctx.outgoing.push('set-cookie', ctx.runtime.use(SessionCookies).removal)
    return undefined
  }
  refuseForgedRequest(ctx, secret)
  return identityOf(user, 'session', session.id)
}
