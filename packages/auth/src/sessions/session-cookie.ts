import { service, type RequestTools, type Service, type ValuesOf } from 'glueful'
import type { authSettings } from '../auth-settings.ts'
import { fail } from '../errors.ts'

type CookieSettings = ValuesOf<typeof authSettings>['session']

/** The cookie that carries a session, with the attributes that the settings ask for. */
export interface SessionCookie {
  read(request: Pick<RequestTools, 'header'>): string | undefined
  /** Set-Cookie of a new session; it ends with the browser's patience or after `maxAge` seconds. */
  render(secret: string, maxAge: number): string
  /** Set-Cookie that takes it away. */
  readonly removal: string
}

export const SessionCookies: Service<SessionCookie> = service<SessionCookie>('session cookie')

const format = /^[\w-]{43}$/

/**
 * @throws `SESSION_COOKIE_UNSAFE` for a cookie that would travel unencrypted in production, or that browsers refuse
 */
export function createSessionCookie({ cookieName, secure, sameSite }: CookieSettings, isProduction: boolean): SessionCookie {
  if (!secure && isProduction) throw fail('SESSION_COOKIE_UNSAFE', { reason: 'SESSION_COOKIE_SECURE is false in production' })
  if (!secure && sameSite === 'none') throw fail('SESSION_COOKIE_UNSAFE', { reason: 'browsers refuse SameSite=None without Secure' })
  // The prefix keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3.2).
  const name = secure ? `__Host-${cookieName}` : cookieName
  const attributes = `Path=/; HttpOnly${secure ? '; Secure' : ''}; SameSite=${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`
  const pattern = new RegExp(`(?:^|;)\\s*${name}=([^;]*)`)
  return {
    read({ header }) {
      const value = pattern.exec(header('cookie') ?? '')?.[1]?.trim()
      return value !== undefined && format.test(value) ? value : undefined
    },
    render: (secret, maxAge) => `${name}=${secret}; Max-Age=${maxAge}; ${attributes}`,
    removal: `${name}=; Max-Age=0; ${attributes}`,
  }
}
