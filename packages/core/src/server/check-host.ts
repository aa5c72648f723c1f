import type { IncomingMessage } from 'node:http'
import { fail } from '../foundation/errors/catalog.ts'
import { isHost } from '../http/context/host-syntax.ts'

// Requests of one connection, and mostly all of them, name the same.
let lastValid = ''

/**
 * What RFC 9112, 3.2 refuses: no Host, several, or one that is none. Of several Node gives the first, and whoever stands in
 * front may have gone by the last.
 * @returns `HOST_MISSING`, `HOST_MALFORMED`, or undefined
 */
export function hostFault({ headers, rawHeaders, httpVersionMinor }: IncomingMessage) {
  const { host } = headers
  if (host === undefined) return httpVersionMinor === 1 ? fail('HOST_MISSING', undefined) : undefined
  if (host !== lastValid) {
    if (!isHost(host)) return fail('HOST_MALFORMED', undefined)
    lastValid = host
  }
  let found = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === 4 && (name === 'Host' || name === 'host' || name.toLowerCase() === 'host') && ++found > 1) return fail('HOST_MALFORMED', undefined)
  }
  return undefined
}
