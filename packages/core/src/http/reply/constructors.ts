import { fail } from '../../foundation/errors/catalog.ts'
import { Reply } from '../context/reply.ts'

export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>

/** Header names in lower case, as flat pairs. */
export function flatten(headers: ReplyHeaders = {}): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name.toLowerCase(), one]))
}

/** Any status and headers with a JSON body. */
export function reply<const Status extends number, Body>(status: Status, body: Body, headers?: ReplyHeaders): Reply<Status, Body> {
  return new Reply(status, body === undefined ? 'empty' : 'json', body, flatten(headers))
}

/** 201 with the new resource and where it is found (RFC 9110, 15.3.2). */
export function created<Body>(body: Body, location?: string): Reply<201, Body> {
  return new Reply(201, 'json', body, location === undefined ? [] : ['location', checkLocation(location)])
}

/** 202: the work goes on elsewhere. */
export function accepted<Body = undefined>(body?: Body): Reply<202, Body> {
  return new Reply(202, body === undefined ? 'empty' : 'json', body as Body)
}

/** 204 */
export function noContent(): Reply<204, undefined> {
  return new Reply(204, 'empty', undefined)
}

/**
 * Sends the client elsewhere: 302 by default, 303 after a POST, 301 and 308 for good, 307 and 308 keep the method.
 * @throws `REDIRECT_INVALID` for a target that is no URI reference. Where the target comes from outside, check its host first.
 */
export function redirect<const Status extends 301 | 302 | 303 | 307 | 308 = 302>(location: string, status: Status = 302 as Status): Reply<Status, undefined> {
  return new Reply(status, 'empty', undefined, ['location', checkLocation(location)])
}

/** Plain text in UTF-8. */
export function text<const Status extends number = 200>(body: string, status: Status = 200 as Status): Reply<Status, string> {
  return new Reply(status, 'text', body, ['content-type', 'text/plain; charset=utf-8'])
}

/** A page; the security headers of an API forbid it scripts, styles and images unless the route allows them. */
export function html<const Status extends number = 200>(body: string, status: Status = 200 as Status): Reply<Status, string> {
  return new Reply(status, 'text', body, ['content-type', 'text/html; charset=utf-8'])
}

/** Bytes of a media type. */
export function bytes(body: Uint8Array, type = 'application/octet-stream'): Reply<200, Uint8Array> {
  return new Reply(200, 'bytes', body, ['content-type', type])
}

function checkLocation(location: string): string {
  // Visible ASCII; everything else must be percent-encoded (RFC 3986, 2).
  if (!/^[\x21-\x7e]+$/.test(location) || !URL.canParse(location, 'http://localhost')) throw fail('REDIRECT_INVALID', { found: location.slice(0, 200) })
  return location
}
