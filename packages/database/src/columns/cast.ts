import type { Seal } from 'glueful'
import type { Dialect } from '../sql/dialect.ts'
import { decodeTimestamp, encodeTimestamp } from './cast-timestamp.ts'
import { openColumn } from './column-seal.ts'
import type { ColumnFacts } from './column.ts'
import { normalizeDecimal } from './decimal.ts'
import { valueFault } from './value-fault.ts'

/**
 * The way of a column's values to a database and back. Both directions leave null alone, and `decode` understands what
 * `encode` makes, so that a record's snapshot may hold either.
 */
export interface Cast {
  /** What is bound. @throws `VALUE_INVALID` (422) for what the column cannot hold. */
  readonly encode: (value: unknown) => unknown
  /** Nothing where the database's value is the record's value. */
  readonly decode: ((raw: unknown) => unknown) | undefined
  /** Worth doing only when the value is read. */
  readonly lazy: boolean
  /** What `decode` makes can change in place, so that it has to be compared by content. */
  readonly mutable: boolean
}

/** The cast of a column on a dialect. The seal of encrypted columns is asked for when one is read or written. */
export function castOf(name: string, facts: ColumnFacts, dialect: Dialect, seal: () => Seal): Cast {
  const { encode, decode, lazy = false, mutable = false } = castParts(name, facts, dialect, seal)
  return {
    encode: (value) => {
      if (value !== null && value !== undefined) return encode(value)
      if (!facts.nullable) throw valueFault(name, value, `${article(facts.type)}, as the column is not nullable`)
      return null
    },
    decode: decode === undefined ? undefined : (raw) => (raw === null ? null : decode(raw)),
    lazy,
    mutable,
  }
}

interface CastParts {
  readonly encode: (value: unknown) => unknown
  readonly decode?: (raw: unknown) => unknown
  readonly lazy?: boolean
  readonly mutable?: boolean
}

const lowerUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const anyUuid = new RegExp(lowerUuid.source, 'i')
const maxInt64 = 2n ** 63n

function castParts(name: string, facts: ColumnFacts, dialect: Dialect, seal: () => Seal): CastParts {
  const refuse = (value: unknown, expected: string) => valueFault(name, value, expected)
  switch (facts.type) {
    case 'uuid':
      return {
        encode: (value) => {
          if (typeof value !== 'string') throw refuse(value, 'a uuid')
          if (lowerUuid.test(value)) return value
          if (!anyUuid.test(value)) throw refuse(value, 'a uuid')
          return value.toLowerCase()
        },
      }
    case 'string':
    case 'text':
      return { encode: (value) => checkText(name, value, dialect, facts.length) }
    case 'enumeration': {
      const values = new Set(facts.values)
      return {
        encode: (value) => {
          if (!values.has(value as string)) throw refuse(value, `one of ${[...values].join(', ')}`)
          return value
        },
      }
    }
    case 'integer':
      return {
        encode: (value) => {
          if (typeof value !== 'number' || (value | 0) !== value) throw refuse(value, 'a whole number of 32 bits')
          return value === 0 ? 0 : value
        },
      }
    case 'float':
      return {
        encode: (value) => {
          if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse(value, 'a finite number')
          return value === 0 ? 0 : value
        },
      }
    case 'bigint':
      if (facts.as === 'number')
        return {
          encode: (value) => {
            if (!Number.isSafeInteger(value)) throw refuse(value, 'a whole number up to 2^53-1')
            return value === 0 ? 0 : value
          },
          decode: Number,
        }
      return {
        encode: (value) => {
          if (typeof value !== 'bigint' || value >= maxInt64 || value < -maxInt64) throw refuse(value, 'a bigint of 64 bits')
          return dialect === 'sqlite' ? value : value.toString()
        },
        decode: (raw) => BigInt(raw as string),
      }
    case 'decimal':
      return {
        encode: (value) =>
          normalizeDecimal(value, facts.precision ?? 12, facts.scale ?? 2) ??
          raise(refuse(value, `a decimal of ${facts.precision} digits, ${facts.scale} of them behind the point`)),
        ...(dialect === 'sqlite' ? { decode: (raw: unknown) => normalizeDecimal(raw, 65, facts.scale ?? 2) ?? raw } : {}),
      }
    case 'boolean':
      return {
        encode: (value) => {
          if (typeof value !== 'boolean') throw refuse(value, 'true or false')
          return dialect === 'postgres' ? value : value ? 1 : 0
        },
        ...(dialect === 'postgres' ? {} : { decode: (raw: unknown) => raw === 1 || raw === true || raw === 1n }),
      }
    case 'date':
      return {
        encode: (value) => {
          if (typeof value !== 'string' || !isDay(value)) throw refuse(value, 'a day such as 2026-11-26')
          return value
        },
      }
    case 'timestamp':
      return {
        encode: (value) => encodeTimestamp(value, dialect) ?? raise(refuse(value, 'a Date in the years 1000 to 9999')),
        decode: decodeTimestamp,
        lazy: true,
        mutable: true,
      }
    case 'json':
      return { encode: (value) => encodeJson(name, value), decode: (raw) => (typeof raw === 'string' ? JSON.parse(raw) : raw), lazy: true, mutable: true }
    case 'binary':
      return {
        encode: (value) => {
          if (!(value instanceof Uint8Array)) throw refuse(value, 'bytes (Uint8Array)')
          return value
        },
        lazy: true,
      }
    case 'encrypted':
      return {
        encode: (value) => seal().seal(checkText(name, value, 'sqlite', undefined)),
        decode: (raw) => openColumn(raw as string, name, seal()),
        lazy: true,
        mutable: true,
      }
  }
}

function raise(error: Error): never {
  throw error
}

/** Text is stored as it is or refused: no database keeps lone surrogates, and PostgreSQL keeps no NUL. */
function checkText(name: string, value: unknown, dialect: Dialect, length: number | undefined): string {
  if (typeof value !== 'string') throw valueFault(name, value, 'a text')
  if (!value.isWellFormed()) throw valueFault(name, value, 'a text that is well-formed Unicode, without lone surrogates')
  if (dialect === 'postgres' && value.includes('\0')) throw valueFault(name, value, 'a text without NUL characters')
  if (length !== undefined && value.length > length && [...value].length > length) throw valueFault(name, value, `at most ${length} characters`)
  return value
}

const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

function encodeJson(name: string, value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    throw valueFault(name, value, 'a JSON value, without cycles and bigints')
  }
  // What JSON has no form for, such as NaN, would be a null that is not the column's.
  if (text === undefined || text === 'null') throw valueFault(name, value, 'a JSON value')
  if (text.includes('\\u') && unstorable.test(text)) throw valueFault(name, value, 'JSON whose texts have no NUL and no lone surrogates')
  return text
}

function isDay(value: string): boolean {
  const moment = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00Z`) : undefined
  return moment !== undefined && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(value) && value >= '1000'
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}
