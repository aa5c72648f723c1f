export interface ByteRange {
  readonly start: number
  /** Inclusive. */
  readonly end: number
}

/** More ranges than this in one request are answered with the whole (RFC 9110, 14.2 allows it; 17.15 says why). */
export const mostRanges = 16

/**
 * Reads a Range header for a representation of `size` bytes (RFC 9110, 14.1.2).
 * @returns the ranges, `unsatisfiable`, or undefined where the header is to be ignored.
 */
export function parseRange(header: string | undefined, size: number): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const specifier = /^bytes=(.+)$/i.exec(header ?? '')?.[1]
  if (specifier === undefined) return undefined
  const parts = specifier.split(',', mostRanges + 1)
  if (parts.length > mostRanges) return undefined
  const ranges: ByteRange[] = []
  for (const part of parts) {
    const match = /^[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/.exec(part)
    if (match === null) return undefined
    const [, first = '', last = ''] = match
    if (first === '' && last === '') return undefined
    if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
    const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
    const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
    if (start <= end && start < size && !(first === '' && Number(last) === 0)) ranges.push({ start, end })
  }
  return ranges.length === 0 ? 'unsatisfiable' : ranges
}
