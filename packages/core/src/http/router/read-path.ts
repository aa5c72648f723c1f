/** Longest path and most segments that are looked at. */
const longestPath = 8_192
const mostSegments = 256

// Control characters, C1 included, have no place in a path.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/

/** What a path has that must be looked at before it is believed: percent signs, backslashes, control characters, dot segments. */
// oxlint-disable-next-line no-control-regex
export const needsReading = /[%\\\u0000-\u001f\u007f-\u009f]|(?:^|\/)\.\.?(?:\/|$)/

/** A path in its decoded segments, or why it cannot be read. */
export type ReadPath = { readonly segments: readonly string[]; readonly path: string } | { readonly reason: string }

/**
 * Splits a path and decodes each segment exactly once (RFC 3986, 2.4). An encoded slash stays within its segment; in
 * `path` it is shown encoded, and so is a percent sign that would look like one: what is kept by path, such as a cached
 * answer, must not be another request's.
 */
export function readPath(raw: string): ReadPath {
  if (!raw.startsWith('/')) return { reason: 'it does not start with a slash' }
  if (raw.length > longestPath) return { reason: `it is longer than ${longestPath} characters` }
  // Outside of RFC 3986, and a slash to WHATWG URLs: what reads the same request later would see another path.
  if (raw.includes('\\')) return { reason: 'it has a backslash' }
  if (raw === '/') return { segments: [], path: '/' }
  const parts = raw.slice(1).split('/')
  if (parts.length > mostSegments) return { reason: `it has more than ${mostSegments} segments` }
  const encoded = raw.includes('%')
  const segments: string[] = []
  for (const part of parts) {
    let segment = part
    if (encoded && part.includes('%')) {
      try {
        segment = decodeURIComponent(part)
      } catch {
        return { reason: 'it has a malformed percent-encoding' }
      }
    }
    if (segment === '.' || segment === '..') return { reason: 'it has a dot segment' }
    segments.push(segment)
  }
  const path = encoded ? `/${segments.map(shown).join('/')}` : raw
  if (control.test(path)) return { reason: 'it has a control character' }
  return { segments, path }
}

function shown(segment: string): string {
  return segment.includes('%') || segment.includes('/') ? segment.replace(/%(?=(?:25)*2F)/g, '%25').replaceAll('/', '%2F') : segment
}
