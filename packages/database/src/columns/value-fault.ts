import { fail } from '../errors.ts'

/** A value that its column cannot hold: answered 422, so that a client whose input it was learns about it. The value itself is not repeated. */
export function valueFault(column: string, found: unknown, expected: string): Error {
  const message = `expected ${expected}, found ${describe(found)}`
  return fail('VALUE_INVALID', { column, found: describe(found), expected }, { errors: [{ path: [column], code: 'invalid_value', message }] })
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`
  if (value == null) return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
