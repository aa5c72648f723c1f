import { accepted, group, noContent, reply, route, type Context, type RateLimitRule, type RequestTools } from 'glueful'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { Accounts, type From } from '../login/accounts.ts'
import { Login } from '../login/login.ts'
import { csrfTokenOf, refuseForgedRequest } from '../sessions/csrf.ts'
import { SessionCookies } from '../sessions/session-cookie.ts'
import { Sessions } from '../sessions/sessions.ts'
import { KeyRings } from '../tokens/key-ring.ts'
import { Users } from '../users/user-store.ts'
import {
  ChangeBody,
  Credentials,
  CsrfAnswer,
  ForgotBody,
  KeySet,
  MeAnswer,
  RefreshBody,
  ResetBody,
  SessionAnswer,
  SessionList,
  TokenAnswer,
  VerifyBody,
} from './account-schemas.ts'

export interface AuthRoutesOptions {
  /** Default: `/auth`. */
  readonly prefix?: string
  /**
   * How often one address may send a password, a token or a link; false for never mind. Default: 30 times a minute, and
   * none while the store of limits is away.
   */
  readonly credentialLimit?: RateLimitRule | false
  /** The same for everything else, by caller. Default: 120 times a minute. */
  readonly limit?: RateLimitRule | false
}

const perCredential: RateLimitRule = { attempts: 30, per: '1m', by: 'ip', onStoreLoss: 'closed' }
const perCaller: RateLimitRule = { attempts: 120, per: '1m' }

/** What an audit of the application finds here, and why it is so. */
const ownAccount = { WRITE_WITHOUT_PERMISSION: 'It acts on nothing but the account of the caller.' }
const repeatable = { WRITE_WITHOUT_IDEMPOTENCY: 'A repetition changes nothing more.' }
const letters = { WRITE_WITHOUT_IDEMPOTENCY: 'A repetition sends another letter, and only so many.' }
const bodiless = { ANSWER_NOT_DESCRIBED: 'It answers without a body.' }

const known = ['session', 'jwt'] as const
const session = {
  summary: 'Log in for a cookie',
  body: Credentials,
  response: SessionAnswer,
  acceptRisks: { NO_AUTHENTICATION: 'It is how a caller becomes known.', WRITE_WITHOUT_IDEMPOTENCY: 'Each login is a session of its own.' },
} as const

/**
 * Routes for logging in and out, refreshing, sessions, passwords and addresses, and the published keys. Bodies and
 * answers are JSON; answers are never stored by caches.
 *
 * @example
 * createApp({ name: 'shop', extensions: [database(), auth({ users })], routes: { ...authRoutes(), orders } })
 */
export function authRoutes({ prefix = '/auth', credentialLimit = perCredential, limit = perCaller }: AuthRoutesOptions = {}) {
  const credential = { strict: true, rateLimit: credentialLimit } as const
  return {
    auth: group(
      { prefix, tags: ['auth'], auth: false, can: false, scopes: false, rateLimit: limit },
      {
        login: route.post('/login', { summary: 'Log in for tokens', body: Credentials, ...credential, response: TokenAnswer }, async (ctx) => {
          const user = await ctx.use(Login).check(ctx.body.login, ctx.body.password, fromOf(ctx))
          return unstored(ctx, await ctx.use(Accounts).openTokens(user, fromOf(ctx)))
        }),

        session: route.post('/session', { ...session, ...credential }, async (ctx) => {
          // Nobody may log a visitor of theirs into an account of theirs here.
          refuseForgedRequest(ctx, undefined)
          const user = await ctx.use(Login).check(ctx.body.login, ctx.body.password, fromOf(ctx))
          const cookies = ctx.use(SessionCookies)
          const presented = cookies.read(ctx)
          const previous = presented === undefined ? undefined : await ctx.use(Sessions).findBySecret(presented)
          const { session, secret } = await ctx.use(Accounts).openSession(user, fromOf(ctx), previous?.id)
          ctx.setHeader('set-cookie', cookies.render(secret, Math.floor((session.expiresAt - session.createdAt) / 1_000)))
          return unstored(ctx, { id: session.id, expiresAt: iso(session.expiresAt), csrfToken: csrfTokenOf(secret) })
        }),

        refresh: route.post(
          '/refresh',
          { summary: 'Trade a refresh token for new tokens', body: RefreshBody, ...credential, response: TokenAnswer },
          async (ctx) => unstored(ctx, await ctx.use(Accounts).refresh(ctx.body.refreshToken, fromOf(ctx))),
        ),

        logout: route.post(
          '/logout',
          { summary: 'End the session that is used', auth: known, acceptRisks: { ...ownAccount, ...repeatable, ...bodiless } },
          async (ctx) => {
            const { id, credential = '' } = ctx.user
            await ctx.use(Accounts).endSession(id, credential, 'logout', fromOf(ctx))
            if (ctx.user.strategy === 'session') {
              ctx.setHeader('set-cookie', ctx.use(SessionCookies).removal)
              // Cookies are left alone: those of the whole site would go, and the session's is removed by name.
              ctx.setHeader('clear-site-data', '"cache", "storage"')
            }
            return noContent()
          },
        ),

        me: route.get('/me', { summary: 'Who the credentials stand for', auth: true, response: MeAnswer }, ({ user, setHeader }) => {
          setHeader('cache-control', 'no-store')
          const { id, roles, scopes, strategy, plan } = user
          return { id, roles: [...roles], scopes: [...scopes], strategy, ...(plan === undefined ? {} : { plan }) }
        }),

        csrf: route.get(
          '/csrf',
          { summary: 'The token for X-CSRF-Token, for clients that send neither Sec-Fetch-Site nor Origin', auth: 'session', response: CsrfAnswer },
          (ctx) => unstored(ctx, { csrfToken: csrfTokenOf(ctx.use(SessionCookies).read(ctx) ?? '') }),
        ),

        sessions: {
          list: route.get('/sessions', { summary: 'Devices that are logged in', auth: known, response: SessionList }, async (ctx) => {
            const open = await ctx.use(Sessions).list(ctx.user.id)
            const items = open.map(({ id, kind, createdAt, lastUsedAt, expiresAt, ip, userAgent }) => ({
              id,
              kind,
              current: id === ctx.user.credential,
              ip,
              userAgent,
              createdAt: iso(createdAt),
              lastUsedAt: iso(lastUsedAt),
              expiresAt: iso(expiresAt),
            }))
            return unstored(ctx, { items })
          }),
          end: route.delete(
            '/sessions/:id',
            { summary: 'Log a device out', auth: known, acceptRisks: ownAccount, params: z.object({ id: z.uuid() }) },
            async (ctx) => {
              const own = await ctx.use(Sessions).list(ctx.user.id)
              if (!own.some(({ id }) => id === ctx.params.id)) throw fail('SESSION_UNKNOWN', undefined)
              await ctx.use(Accounts).endSession(ctx.user.id, ctx.params.id, 'ended by user', fromOf(ctx))
              return noContent()
            },
          ),
          endOthers: route.delete('/sessions', { summary: 'Log all other devices out', auth: known, acceptRisks: ownAccount }, async (ctx) => {
            await ctx.use(Accounts).endSessions(ctx.user.id, 'ended by user', fromOf(ctx), ctx.user.credential)
            return noContent()
          }),
        },

        password: {
          change: route.post(
            '/password',
            { summary: 'Change the password', auth: known, body: ChangeBody, ...credential, acceptRisks: { ...ownAccount, ...bodiless } },
            async (ctx) => {
              const keep = ctx.user.credential
              const { current, password: next } = ctx.body
              await ctx.use(Accounts).changePassword(ctx.user.id, { current, next, ...(keep === undefined ? {} : { keep }) }, fromOf(ctx))
              return noContent()
            },
          ),
          forgot: route.post(
            '/password/forgot',
            { summary: 'Ask for a link to reset the password', body: ForgotBody, ...credential, acceptRisks: bodiless },
            async (ctx) => {
              await ctx.use(Accounts).requestReset(ctx.body.login, fromOf(ctx), afterAnswer(ctx))
              return accepted()
            },
          ),
          reset: route.post(
            '/password/reset',
            { summary: 'Set a new password by the link', body: ResetBody, ...credential, acceptRisks: bodiless },
            async (ctx) => {
              await ctx.use(Accounts).resetPassword(ctx.body.token, ctx.body.password, fromOf(ctx))
              return noContent()
            },
          ),
        },

        email: {
          verify: route.post(
            '/email/verify',
            { summary: 'Show by the link that an address is yours', body: VerifyBody, ...credential, acceptRisks: bodiless },
            async (ctx) => {
              await ctx.use(Accounts).verifyEmail(ctx.body.token, fromOf(ctx))
              return noContent()
            },
          ),
          resend: route.post(
            '/email/resend',
            { summary: 'Ask for the link again', auth: known, acceptRisks: { ...ownAccount, ...letters, ...bodiless } },
            async (ctx) => {
              const user = await ctx.use(Users).findById(ctx.user.id)
              if (user !== undefined) await ctx.use(Accounts).requestVerification(user, fromOf(ctx))
              return accepted()
            },
          ),
        },
      },
    ),
    jwks: route.get(
      '/.well-known/jwks.json',
      { summary: 'Keys that verify access tokens', tags: ['auth'], auth: false, can: false, scopes: false, rateLimit: limit, response: KeySet },
      ({ use }) => reply(200, { keys: [...use(KeyRings).publish().keys] }, { 'cache-control': 'public, max-age=300' }),
    ),
  }
}

function fromOf({ ip, requestId, header }: RequestTools): From {
  return { ip, requestId, userAgent: header('user-agent') ?? '' }
}

/** Runs work when the answer has gone, so that nobody can tell from the time it takes whether there was any. */
function afterAnswer(ctx: RequestTools): (work: () => Promise<void>) => void {
  return (work) => (ctx as unknown as Context).onEnd(work)
}

function unstored<Body>({ setHeader }: RequestTools, body: Body): Body {
  setHeader('cache-control', 'no-store')
  return body
}

const iso = (at: number) => new Date(at).toISOString()
