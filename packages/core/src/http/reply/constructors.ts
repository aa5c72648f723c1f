import { fail } from '../../foundation/errors/catalog.ts'
import { Reply, type ReplyKind } from '../context/reply.ts'
import { kindOf } from './kind-of.ts'

export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>

/** Header names in lower case, as flat pairs; an array makes a line for each of its values. */
export function flatten(headers: ReplyHeaders = {}): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name.toLowerCase(), one]))
}

/**
 * Any status and headers. The body is sent as a plain return value would be: data as JSON, bytes and streams as they are.
 *
 * @example
 * reply(207, { accepted: 3, refused: 1 }, { 'cache-control': 'no-store' })
 */
export function reply<const Status extends number, Body>(status: Status, body: Body, headers?: ReplyHeaders): Reply<Status, Body> {
  return new Reply(status, kindOfBody(body), body, flatten(headers))
}

/** 201 with the new resource and where it is found (RFC 9110, 15.3.2). */
export function created<Body>(body: Body, location?: string): Reply<201, Body> {
  return new Reply(201, kindOfBody(body), body, location === undefined ? [] : ['location', checkLocation(location)])
}

/** 202: the work goes on elsewhere. */
export function accepted<Body = undefined>(body?: Body): Reply<202, Body> {
  return new Reply(202, kindOfBody(body), body as Body)
}

/** 204: done, and there is nothing to say. */
export function noContent(): Reply<204, undefined> {
  return new Reply(204, 'empty', undefined)
}

/**
 * Sends the client elsewhere: 302 by default, 303 after a POST, 301 and 308 for good, 307 and 308 keep the method.
 * @throws `REDIRECT_INVALID` for a target that is no URI reference (RFC 3986), or is `javascript:` and its like. Other hosts are
 * allowed: where the target comes from outside, check its host first.
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

/** Bytes of a media type. Default: `application/octet-stream`. */
export function bytes(body: Uint8Array, type = 'application/octet-stream'): Reply<200, Uint8Array> {
  return new Reply(200, 'bytes', body, ['content-type', type])
}

function kindOfBody(body: unknown): ReplyKind {
  const kind = kindOf(body)
  // A Response brings a status of its own, and events need their headers: both are answers, not bodies.
  return kind === 'response' || kind === 'events' ? 'json' : kind
}

// What RFC 3986, 2 allows: no spaces, line breaks or backslashes (which browsers read as slashes), and % only before two digits.
const uriReference = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[\dA-Fa-f]{2})+$/

// What a browser would run, or read from the disk of whoever follows.
const unsafeScheme = /^(?:javascript|data|vbscript|blob|file):/i

function checkLocation(location: string): string {
  if (!uriReference.test(location) || unsafeScheme.test(location) || !URL.canParse(location, 'http://localhost'))
    throw fail('REDIRECT_INVALID', { found: location.slice(0, 200) })
  return location
}
