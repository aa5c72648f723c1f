import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { fail } from '../errors.ts'
import type { TargetPolicy } from './target-policy.ts'

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>

export interface Target {
  readonly url: URL
  /** The one address that is connected to, whatever the name says a moment later. */
  readonly address: string
  readonly family: 4 | 6
}

export const systemResolve: Resolve = (host) => systemLookup(host, { all: true, verbatim: true })

/**
 * Decides which address a webhook goes to. One address among many that is not public refuses them all, because a name
 * that answers both ways is an attempt to slip through. A name server that is silent for `timeoutMs` has not answered.
 * @throws `WEBHOOK_URL_REFUSED`, `WEBHOOK_HOST_UNKNOWN`
 */
export async function resolveTarget(text: string, policy: TargetPolicy, resolve: Resolve, timeoutMs: number): Promise<Target> {
  const url = policy.read(text)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family !== 0) return { url, address: host, family: family as 4 | 6 }
  let found: Awaited<ReturnType<Resolve>>
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    found = await Promise.race([resolve(host), late.promise])
  } catch (cause) {
    throw fail('WEBHOOK_HOST_UNKNOWN', { host, reason: (cause as { code?: string }).code ?? String((cause as Error).message) }, { cause })
  } finally {
    clearTimeout(timer)
  }
  for (const { address } of found) policy.requireAddress(`${url.protocol}//${url.host}`, address)
  const [first] = found
  if (first === undefined) throw fail('WEBHOOK_HOST_UNKNOWN', { host, reason: 'it has no address' })
  return { url, address: first.address, family: isIP(first.address) as 4 | 6 }
}
