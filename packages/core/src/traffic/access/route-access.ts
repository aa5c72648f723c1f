import type { RouteOptions } from '../../http/context/route-options.ts'

/** Names that `auth` takes besides the application's own strategies. */
export type AuthName = 'jwt' | 'session' | 'apiKey' | 'optional' | (string & {})

declare module '../../http/context/route-options.ts' {
  interface RouteOptions {
    /**
     * Who may ask: callers known by a strategy (`'jwt'`), by one of several (`['session', 'jwt']`, tried in order), or by
     * any (`true`). With `'optional'` alone or in the list anonymous callers may ask too. `false`: nobody is asked who
     * they are. Default: false, and true where `can` or `scopes` is set. Others get 401.
     */
    readonly auth?: AuthName | readonly AuthName[] | boolean
    /** Permissions that the caller needs, all of them; others get 403. `false` lifts a group's. */
    readonly can?: string | readonly string[] | false
    /** Scopes that the caller's credentials need, all of them; others get 403. `false` lifts a group's. */
    readonly scopes?: string | readonly string[] | false
  }
}

/** Who may use a route, as its options say. */
export interface RouteAccess {
  readonly strategies: readonly string[] | 'any'
  /** Anonymous callers may ask too. */
  readonly optional: boolean
  readonly permissions: readonly string[]
  readonly scopes: readonly string[]
}

/** What a route's `auth`, `can` and `scopes` come to; undefined when anybody may use it and nobody is asked. */
export function accessOf(options: RouteOptions): RouteAccess | undefined {
  const permissions = listOf(options.can)
  const scopes = listOf(options.scopes)
  const auth = options.auth ?? (permissions.length > 0 || scopes.length > 0)
  if (auth === false) return undefined
  const names = auth === true ? [] : listOf(auth)
  const strategies = names.filter((name) => name !== 'optional')
  return { strategies: strategies.length === 0 ? 'any' : strategies, optional: names.includes('optional'), permissions, scopes }
}

export function listOf(value: string | readonly string[] | false | undefined): readonly string[] {
  if (value === undefined || value === false) return []
  return typeof value === 'string' ? [value] : value
}
