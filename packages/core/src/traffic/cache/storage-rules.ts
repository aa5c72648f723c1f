import { parseHttpDate } from '../../http/reply/http-date.ts'
import { parseCacheControl, secondsOf } from './cache-control.ts'

/** What decides whether an answer may be stored. */
export interface Answered {
  readonly status: number
  /** Flat name, value pairs as they are sent. */
  readonly headers: readonly string[]
  /** False for streams and files. */
  readonly isWhole: boolean
}

export interface StorageContext {
  readonly by: 'public' | 'user'
  /** Whether the request said who it is from. */
  readonly hasCredentials: boolean
  readonly allowSetCookie: boolean
  readonly now: number
  /** What the route says where the answer does not, in ms. */
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

/** In ms; all 0 after `ttl` where stale answers are forbidden. */
export interface Freshness {
  readonly ttl: number
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

/** Statuses that may be stored without saying so (RFC 9110, 15.1), as far as they are a success for good. */
const storedByDefault = new Set([200, 203, 204, 301, 308])
const storedWhenSaid = new Set([300, 404, 405, 410, 414, 501])

/**
 * Whether and for how long an answer may be stored (RFC 9111, 3 and 4.2.1), or why not.
 * What the answer says of itself goes before what the route says.
 */
export function freshnessOf({ status, headers, isWhole }: Answered, context: StorageContext): Freshness | string {
  const control = parseCacheControl(valuesOf(headers, 'cache-control').join(', '))
  const isShared = context.by === 'public'
  if (!isWhole) return 'stream'
  if (control.has('no-store') || control.has('no-cache')) return 'no-store'
  if (isShared && control.has('private')) return 'private'
  if (valuesOf(headers, 'vary').some((field) => field.split(',').some((name) => name.trim() === '*'))) return 'vary'
  if (valuesOf(headers, 'set-cookie').length > 0 && !context.allowSetCookie) return 'set-cookie'
  const saysShared = control.has('public') || control.has('s-maxage') || control.has('must-revalidate')
  // RFC 9111, 3.5: what one caller is answered is not for others unless the answer says so.
  if (isShared && context.hasCredentials && !saysShared) return 'credentials'

  const expires = valuesOf(headers, 'expires')[0]
  const explicit =
    (isShared ? secondsOf(control, 's-maxage') : undefined) ??
    secondsOf(control, 'max-age') ??
    (expires === undefined ? undefined : Math.max(0, (parseHttpDate(expires) ?? 0) - context.now))
  if (!storedByDefault.has(status) && !(storedWhenSaid.has(status) && (explicit !== undefined || control.has('public')))) return 'status'

  // s-maxage forbids stale answers to shared caches as proxy-revalidate does (RFC 9111, 5.2.2.10).
  const strict = control.has('must-revalidate') || (isShared && (control.has('proxy-revalidate') || control.has('s-maxage')))
  const ttl = explicit ?? context.ttl
  const staleWhileRevalidate = strict ? 0 : (secondsOf(control, 'stale-while-revalidate') ?? context.staleWhileRevalidate)
  const staleIfError = strict ? 0 : (secondsOf(control, 'stale-if-error') ?? context.staleIfError)
  return ttl <= 0 && staleWhileRevalidate <= 0 ? 'expired' : { ttl: Math.max(0, ttl), staleWhileRevalidate, staleIfError }
}

export function valuesOf(headers: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) values.push(headers[i + 1] as string)
  return values
}
