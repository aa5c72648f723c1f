import { fail } from '../errors.ts'

/**
 * Refuses what would come back different from how it went in: half of a surrogate pair has no bytes in UTF-8.
 * @throws `SQL_TEXT_INVALID`
 */
export function checkText(text: string): string {
  if (!text.isWellFormed()) throw fail('SQL_TEXT_INVALID', { found: 'half of a surrogate pair' })
  return text
}

/** What a value that no database stores is, for a message. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'bigint') return `the integer ${value}, which has more than 64 bits`
  if (value instanceof Date) return 'an invalid date'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const largest = 2n ** 63n

/** Whether a bigint fits into the 64 bits that databases give an integer. */
export function fitsInt64(value: bigint): boolean {
  return value >= -largest && value < largest
}
