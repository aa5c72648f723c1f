import { fail } from '../../errors.ts'
import { checkText, fitsInt64, kindOf } from '../check-text.ts'

/**
 * Values as `pg` sends them. Arrays go in as arrays (`= any($1)`), dates with their offset.
 * @throws `SQL_VALUE_UNDEFINED`, `SQL_VALUE_UNSUPPORTED`, `SQL_TEXT_INVALID`
 */
export function bindPostgres(params: readonly unknown[], text: string): unknown[] {
  const bound: unknown[] = []
  for (let index = 0; index < params.length; index++) bound.push(bindOne(params[index], index, text))
  return bound
}

function bindOne(value: unknown, index: number, text: string): unknown {
  switch (typeof value) {
    case 'string':
      // PostgreSQL has no place for it in text.
      if (value.includes('\0')) throw fail('SQL_TEXT_INVALID', { found: 'a NUL' })
      return checkText(value)
    case 'number':
      if (Number.isFinite(value)) return value
      break
    case 'bigint':
      if (fitsInt64(value)) return value.toString()
      break
    case 'boolean':
      return value
    case 'undefined':
      throw fail('SQL_VALUE_UNDEFINED', { text, position: index + 1 })
    case 'object':
      if (value === null || Buffer.isBuffer(value)) return value
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      if (value instanceof Date && !Number.isNaN(value.getTime())) return toTimestamp(value)
      if (Array.isArray(value)) return value.map((item: unknown) => bindOne(item, index, text))
      break
  }
  throw fail('SQL_VALUE_UNSUPPORTED', { kind: kindOf(value), position: index + 1 })
}

/** ISO 8601, except that PostgreSQL writes years before Christ and after 9999 its own way. */
function toTimestamp(date: Date): string {
  const year = date.getUTCFullYear()
  if (year >= 1 && year <= 9_999) return date.toISOString()
  const rest = date.toISOString().replace(/^[+-]?\d+/, '')
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}
