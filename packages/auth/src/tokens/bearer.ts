import type { Context } from 'glueful'

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, 2.1); undefined when there is no such header. Tokens in
 * queries or forms are never looked at, because those end up in logs.
 */
export function bearerOf(ctx: Context): string | undefined {
  const header = ctx.readHeader('authorization')
  // Nearly everybody spells it so; scheme names know no case (RFC 9110, 11.1).
  if (header === undefined || !(header.startsWith('Bearer ') || header.slice(0, 7).toLowerCase() === 'bearer ')) return undefined
  return header.slice(7).trim()
}
