import type { ExecuteValues, IntegerTypedParameterFactory } from 'mysql2'
import { fail } from '../../errors.ts'
import { checkText, fitsInt64, kindOf } from '../check-text.ts'

/**
 * Values as `mysql2` sends them: whole numbers as such, dates as text in UTC.
 * @throws `SQL_VALUE_UNDEFINED`, `SQL_VALUE_UNSUPPORTED`, `SQL_TEXT_INVALID`
 */
export function bindMysql(params: readonly unknown[], text: string, toInteger: IntegerTypedParameterFactory): ExecuteValues[] {
  const bound: ExecuteValues[] = []
  for (let index = 0; index < params.length; index++) bound.push(bindOne(params[index], index, text, toInteger))
  return bound
}

function bindOne(value: unknown, index: number, text: string, toInteger: IntegerTypedParameterFactory): ExecuteValues {
  switch (typeof value) {
    case 'string':
      return checkText(value)
    case 'number':
      // mysql2 sends every number as a float, and a comparison of one with a large key is not exact.
      if (Number.isSafeInteger(value)) return toInteger(value)
      if (Number.isFinite(value)) return value
      break
    case 'bigint':
      if (fitsInt64(value)) return toInteger(value)
      break
    case 'boolean':
      return value
    case 'undefined':
      throw fail('SQL_VALUE_UNDEFINED', { text, position: index + 1 })
    case 'object':
      if (value === null || Buffer.isBuffer(value)) return value
      if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString().replace('T', ' ').slice(0, -1)
      break
  }
  throw fail('SQL_VALUE_UNSUPPORTED', { kind: kindOf(value), position: index + 1 })
}
