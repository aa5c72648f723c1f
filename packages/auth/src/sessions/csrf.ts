import { createHash, timingSafeEqual } from 'node:crypto'
import { coreSettings, type RequestTools } from 'glueful'
import { authSettings } from '../auth-settings.ts'
import { fail } from '../errors.ts'

// Basic is left out: browsers make it from an address such as https://name:password@host by themselves.
const ownHeader = /^(?:bearer|apikey) /i
const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what a page of another origin makes a browser send along with its cookies. What the browser says decides:
 * Sec-Fetch-Site, else Origin; `session` is the cookie's secret, whose token an older client sends as X-CSRF-Token.
 * A request with a bearer token or an API key needs no check, because no other page can set that header unasked.
 * @throws `CSRF_REFUSED` (403)
 */
export function refuseForgedRequest(ctx: RequestTools, session: string | undefined): void {
  if (safe.has(ctx.method) || ownHeader.test(ctx.header('authorization') ?? '')) return
  const site = ctx.header('sec-fetch-site')
  const origin = ctx.header('origin')
  if (site === 'same-origin' || site === 'none') return
  if (origin !== undefined && isTrusted(origin, ctx)) return
  if (site !== undefined || origin !== undefined) throw fail('CSRF_REFUSED', { reason: 'it comes from a page of another origin' })
  if (session === undefined) return
  if (!isTokenOf(session, ctx.header('x-csrf-token'))) throw fail('CSRF_REFUSED', { reason: 'it says neither where it comes from nor its X-CSRF-Token' })
}

/** Follows from the cookie's secret, which only the browser and this server know of. */
export function csrfTokenOf(session: string): string {
  return createHash('sha256').update('csrf\0').update(session).digest('base64url')
}

function isTokenOf(session: string, token: string | undefined): boolean {
  if (token === undefined) return false
  const [wanted, given] = [Buffer.from(csrfTokenOf(session)), Buffer.from(token)]
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function isTrusted(origin: string, ctx: RequestTools): boolean {
  const { appUrl, corsAllowOrigins } = ctx.use(coreSettings)
  const own = appUrl === undefined ? `${ctx.protocol}://${ctx.host}` : new URL(appUrl).origin
  return origin === own || corsAllowOrigins.includes(origin) || ctx.use(authSettings).trustedOrigins.includes(origin)
}
