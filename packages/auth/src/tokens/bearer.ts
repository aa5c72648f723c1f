import type { Context } from 'glueful'

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, 2.1); undefined when there is no such header. Tokens in
 * queries or forms are never looked at, because those end up in logs.
 */
export function bearerOf(ctx: Context): string | undefined {
  const header = ctx.header('authorization')
  if (header === undefined || header.length < 7 || header.slice(0, 7).toLowerCase() !== 'bearer ') return undefined
  return header.slice(7).trim()
}
