export interface ByteRange {
  readonly start: number
  /** Inclusive. */
  readonly end: number
}

/** More ranges than this in one request are answered with the whole (RFC 9110, 14.2 allows it; 17.15 says why). */
export const mostRanges = 16

/**
 * Reads a Range header for a representation of `size` bytes (RFC 9110, 14.1.2).
 * @returns the ranges in the order asked for, `unsatisfiable`, or undefined where the header is to be ignored: another
 * unit, invalid syntax, too many ranges, together more than the whole, or nothing to take a part of.
 */
export function parseRange(header: string | undefined, size: number): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const specifier = header === undefined || size === 0 ? undefined : /^bytes=(.*)$/i.exec(header)?.[1]
  if (specifier === undefined) return undefined
  const ranges: ByteRange[] = []
  let asked = 0
  let total = 0
  for (const part of specifier.split(',')) {
    // Empty elements of a list do not count (RFC 9110, 5.6.1.2).
    if (/^[ \t]*$/.test(part)) continue
    const range = parsePart(part, size)
    if (range === undefined || ++asked > mostRanges) return undefined
    if (range === 'unsatisfiable') continue
    ranges.push(range)
    total += range.end - range.start + 1
  }
  if (asked === 0 || total > size) return undefined
  return ranges.length === 0 ? 'unsatisfiable' : ranges
}

function parsePart(part: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^[ \t]*(\d*)-(\d*)[ \t]*$/.exec(part)
  if (match === null) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    return Number(last) === 0 ? 'unsatisfiable' : { start: Math.max(0, size - Number(last)), end: size - 1 }
  }
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= size) return 'unsatisfiable'
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}
