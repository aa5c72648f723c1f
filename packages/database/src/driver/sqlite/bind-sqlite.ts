import type { SQLInputValue } from 'node:sqlite'
import { fail } from '../../errors.ts'
import { checkText, fitsInt64, kindOf } from '../check-text.ts'

/**
 * Values as SQLite takes them: dates as integer milliseconds, booleans as 1 and 0.
 * @throws `SQL_VALUE_UNDEFINED`, `SQL_VALUE_UNSUPPORTED`, `SQL_TEXT_INVALID`
 */
export function bindSqlite(params: readonly unknown[], text: string): SQLInputValue[] {
  const bound = params.slice()
  for (let index = 0; index < bound.length; index++) {
    const value = bound[index]
    // What most values are, without a call.
    if (typeof value === 'string' ? !value.isWellFormed() : value !== null) bound[index] = bindOne(value, index, text)
  }
  return bound as SQLInputValue[]
}

/** Spares making the ones that are bound most. */
const small: readonly bigint[] = Array.from({ length: 1_024 }, (_, value) => BigInt(value))

function bindOne(value: unknown, index: number, text: string): SQLInputValue {
  switch (typeof value) {
    case 'string':
      return checkText(value)
    case 'number':
      // node:sqlite binds every number as a float, which a column without a type would keep as 5.0.
      if (value >= 0 && value < small.length && Number.isInteger(value)) return small[value] as bigint
      if (Number.isSafeInteger(value)) return BigInt(value)
      if (Number.isFinite(value)) return value
      break
    case 'bigint':
      if (fitsInt64(value)) return value
      break
    case 'boolean':
      return value ? 1n : 0n
    case 'undefined':
      throw fail('SQL_VALUE_UNDEFINED', { text, position: index + 1 })
    case 'object':
      if (value === null) return null
      if (value instanceof Uint8Array) return value
      if (value instanceof Date && !Number.isNaN(value.getTime())) return BigInt(value.getTime())
      break
  }
  throw fail('SQL_VALUE_UNSUPPORTED', { kind: kindOf(value), position: index + 1 })
}
