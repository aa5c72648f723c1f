export interface Validators {
  /** With quotes, and `W/` where it is weak. */
  readonly etag?: string | undefined
  /** Ms since the epoch; compared in whole seconds. */
  readonly lastModified?: number | undefined
}

type HeaderReader = (name: string) => string | undefined

/**
 * Evaluates a request's preconditions in the order of RFC 9110, 13.2.2: whether to go on, or to answer 304 or 412.
 */
export function evaluatePreconditions(method: string, header: HeaderReader, { etag, lastModified }: Validators): 'proceed' | 304 | 412 {
  const reading = method === 'GET' || method === 'HEAD'
  const ifMatch = header('if-match')
  const ifUnmodifiedSince = header('if-unmodified-since')
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag, strongEqual)) return 412
  } else if (ifUnmodifiedSince !== undefined && lastModified !== undefined && isAfter(lastModified, ifUnmodifiedSince)) {
    return 412
  }
  const ifNoneMatch = header('if-none-match')
  const ifModifiedSince = header('if-modified-since')
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, etag, weakEqual)) return reading ? 304 : 412
  } else if (ifModifiedSince !== undefined && reading && lastModified !== undefined && !Number.isNaN(Date.parse(ifModifiedSince)) && !isAfter(lastModified, ifModifiedSince)) {
    return 304
  }
  return 'proceed'
}

/** Whether a Range header still speaks of the current representation (RFC 9110, 13.1.5). */
export function ifRangeHolds(header: string | undefined, { etag, lastModified }: Validators): boolean {
  if (header === undefined) return true
  if (header.startsWith('"') || header.startsWith('W/')) return etag !== undefined && strongEqual(header, etag)
  return lastModified !== undefined && Math.floor(lastModified / 1000) * 1000 === Date.parse(header)
}

function matches(header: string, etag: string | undefined, equal: (a: string, b: string) => boolean): boolean {
  if (header.trim() === '*') return true
  if (etag === undefined) return false
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((candidate) => equal(candidate, etag))
}

function strongEqual(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/')
}

function weakEqual(a: string, b: string): boolean {
  return a.replace(/^W\//, '') === b.replace(/^W\//, '')
}

function isAfter(time: number, date: string): boolean {
  const limit = Date.parse(date)
  return !Number.isNaN(limit) && Math.floor(time / 1000) * 1000 > limit
}
