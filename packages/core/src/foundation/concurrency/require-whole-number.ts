import { fail } from '../errors/catalog.ts'

/**
 * `value`, which must be a whole number of at least 1.
 * @throws `INVALID_NUMBER`
 */
export function requireWholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw fail('INVALID_NUMBER', { name, found: String(value), expected: 'a whole number of at least 1' })
}
