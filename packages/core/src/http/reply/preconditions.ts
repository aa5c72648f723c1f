import { parseHttpDate } from './http-date.ts'

/** An entity tag with its quotes, and `W/` where it is weak (RFC 9110, 8.8.3). */
export type EntityTag = `"${string}"` | `W/"${string}"`

export interface Validators {
  readonly etag?: EntityTag | undefined
  /** Ms since the epoch; compared in whole seconds. */
  readonly lastModified?: number | undefined
}

type HeaderReader = (name: string) => string | undefined

/**
 * Evaluates a request's preconditions against the current state of what it asks for, in the order of RFC 9110, 13.2.2:
 * whether to go on, or to answer 304 or 412. Call it only where the answer would otherwise be successful.
 */
export function evaluatePreconditions(method: string, header: HeaderReader, { etag, lastModified }: Validators): 'proceed' | 304 | 412 {
  if (method === 'OPTIONS' || method === 'TRACE' || method === 'CONNECT') return 'proceed'
  const reading = method === 'GET' || method === 'HEAD'
  const ifMatch = header('if-match')
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag, strongEqual)) return 412
  } else if (lastModified !== undefined) {
    const limit = dateOf(header('if-unmodified-since'))
    if (limit !== undefined && wholeSeconds(lastModified) > limit) return 412
  }
  const ifNoneMatch = header('if-none-match')
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, etag, weakEqual)) return reading ? 304 : 412
  } else if (reading && lastModified !== undefined) {
    const limit = dateOf(header('if-modified-since'))
    if (limit !== undefined && wholeSeconds(lastModified) <= limit) return 304
  }
  return 'proceed'
}

/** Whether a Range header still speaks of the current representation (RFC 9110, 13.1.5). */
export function ifRangeHolds(header: string | undefined, { etag, lastModified }: Validators): boolean {
  if (header === undefined) return true
  if (header.includes('"')) return etag !== undefined && strongEqual(header, etag)
  return lastModified !== undefined && wholeSeconds(lastModified) === parseHttpDate(header)
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

function dateOf(header: string | undefined): number | undefined {
  return header === undefined ? undefined : parseHttpDate(header)
}

function wholeSeconds(time: number): number {
  return Math.floor(time / 1000) * 1000
}
