import { fail } from '../errors.ts'

/** A value that its column cannot hold: answered 422, so that a client whose input it was learns about it. */
export function valueFault(column: string, found: unknown, expected: string): Error {
  const message = `expected ${expected}, found ${describe(found)}`
  return fail('VALUE_INVALID', { column, found: describe(found), expected }, { errors: [{ path: [column], code: 'invalid_value', message }] })
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `a text of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : value.toISOString()
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
