import { SecretValues } from '../../foundation/logging/secret-values.ts'
import type { Context } from './context.ts'
import { parseCookies } from './cookies.ts'
import { parseQuery } from './query.ts'

interface Known {
  readonly readBody: unknown
  readonly params: unknown
  readonly list: readonly string[]
}

const known = new WeakMap<Context, Known>()

/**
 * What a request brought that must not be written down: credentials, cookies, and the values of hidden fields in path,
 * query, headers and body. Worked out when something is written, and again once more of the request has been read.
 */
export function secretsOf(ctx: Context): readonly string[] {
  const { readBody, params } = ctx
  const there = known.get(ctx)
  if (there !== undefined && there.readBody === readBody && there.params === params) return there.list
  const list = collect(ctx)
  known.set(ctx, { readBody, params, list })
  return list
}

function collect(ctx: Context): readonly string[] {
  const values = new SecretValues(ctx.runtime.redact.hides)
  const { authorization, cookie, ...headers } = ctx.rawHeaders()
  addCredentials(values, authorization)
  for (const value of Object.values(parseCookies(cookie))) values.add(value)
  values.addFrom(headers)
  values.addFrom(parseQuery(ctx.search))
  values.addFrom(ctx.params)
  values.addFrom(ctx.readBody)
  return values.list()
}

/** `Bearer token` is secret as a whole and as a token, of `Basic` credentials also the password within. */
function addCredentials(values: SecretValues, authorization: string | undefined): void {
  if (authorization === undefined) return
  values.add(authorization)
  const [scheme = '', token = ''] = authorization.split(/\s+/, 2)
  values.add(token)
  if (scheme.toLowerCase() !== 'basic') return
  const plain = Buffer.from(token, 'base64').toString()
  values.add(plain.slice(plain.indexOf(':') + 1))
}
