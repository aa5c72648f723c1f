import { fail } from '../../foundation/errors/catalog.ts'

/** Announces that something is going to end. */
export interface Deprecation {
  /** From when on it should not be used any more: a date (`2026-11-26`, midnight UTC), a date and time, or a Date. May lie ahead. */
  readonly since: string | Date
  /** When it stops working; not before `since`. */
  readonly sunset?: string | Date
  /** What says more: a URL of a page for people. */
  readonly link?: string
  /** What takes its place: a URL, or a path of this API. */
  readonly successor?: string
}

/** A deprecation as it is sent and shown. */
export interface Announcement {
  readonly since: Date
  readonly sunset: Date | undefined
  readonly link: string | undefined
  readonly successor: string | undefined
  /** Flat name, value pairs. */
  readonly headers: readonly string[]
}

const fields = ['since', 'sunset', 'link', 'successor']

/**
 * The headers of a deprecation: Deprecation (RFC 9745), Sunset (RFC 8594) and Link with the relations `deprecation`
 * (RFC 9745) and `successor-version` (RFC 5829).
 * @throws `DEPRECATION_INVALID`
 */
export function announce(value: Deprecation, what: string): Announcement {
  const refuse = (reason: string) => fail('DEPRECATION_INVALID', { what, reason })
  if (typeof value !== 'object' || value === null) throw refuse(`it is ${JSON.stringify(value)}`)
  const unknown = Object.keys(value).find((field) => !fields.includes(field))
  if (unknown !== undefined) throw refuse(`nothing reads ${unknown}`)
  const date = (field: 'since' | 'sunset') => {
    const given = value[field]
    if (given === undefined) return undefined
    const read = given instanceof Date ? given : /^\d{4}-\d\d-\d\d([T ].+)?$/.test(given) ? new Date(given) : new Date(NaN)
    if (Number.isNaN(read.getTime())) throw refuse(`${field} is ${JSON.stringify(given)}, which is no date`)
    return read
  }
  const target = (field: 'link' | 'successor') => {
    const given = value[field]
    if (given !== undefined && (!/^[\x21\x23-\x3b\x3d\x3f-\x7e]+$/.test(given) || !URL.canParse(given, 'http://localhost')))
      throw refuse(`${field} is ${JSON.stringify(given)}, which is no URL`)
    return given
  }
  const [since, sunset, link, successor] = [date('since'), date('sunset'), target('link'), target('successor')]
  if (since === undefined) throw refuse('it does not say since when')
  if (sunset !== undefined && sunset < since) throw refuse('sunset lies before since')
  const headers = ['deprecation', `@${Math.floor(since.getTime() / 1000)}`]
  if (sunset !== undefined) headers.push('sunset', sunset.toUTCString())
  if (link !== undefined) headers.push('link', `<${link}>; rel="deprecation"; type="text/html"`)
  if (successor !== undefined) headers.push('link', `<${successor}>; rel="successor-version"`)
  return { since, sunset, link, successor, headers }
}
