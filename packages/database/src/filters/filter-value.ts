import { GluefulError } from 'glueful'
import { z } from 'zod'
import { castOf, type Cast } from '../columns/cast.ts'
import type { ColumnFacts } from '../columns/column.ts'
import { noSeal } from '../columns/column-seal.ts'
import { fail } from '../errors.ts'
import { at } from '../fields/parameter-fault.ts'

/** Reads a filter's text as a value of its column. @throws `FILTER_VALUE_INVALID` (400) */
export type ReadValue = (text: string, parameter: string) => unknown

const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()])

const wanted: Partial<Record<ColumnFacts['type'], string>> = {
  uuid: 'a uuid',
  integer: 'a whole number of 32 bits',
  bigint: 'a whole number of 64 bits',
  float: 'a number',
  boolean: 'true or false',
  date: 'a day such as 2026-11-26',
  timestamp: 'a time such as 2026-11-26T12:00:00Z, or a day',
}

/** How texts become values of this column. What the column could not hold is refused before it reaches a database. */
export function readValueOf(name: string, facts: ColumnFacts): ReadValue {
  // PostgreSQL's texts are the strictest.
  const cast = castOf(name, { ...facts, nullable: false }, 'postgres', () => noSeal)
  const expected = expectedOf(facts)
  return (text, parameter) => {
    const value = convert(text, facts)
    if (value === undefined || !holds(cast, value)) throw valueInvalid(parameter, expected)
    return value
  }
}

/** Reads what `contains`, `starts` and `ends` compare with. */
export const readText: ReadValue = (text, parameter) => {
  if (!text.isWellFormed() || text.includes('\0')) throw valueInvalid(parameter, 'a text without NUL characters')
  return text
}

export function readTruth(text: string, parameter: string): boolean {
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw valueInvalid(parameter, 'true or false')
}

export function valueInvalid(parameter: string, expected: string): Error {
  return fail('FILTER_VALUE_INVALID', { parameter, expected }, at(parameter, 'invalid_value', `expected ${expected}`))
}

function convert(text: string, facts: ColumnFacts): unknown {
  switch (facts.type) {
    case 'integer':
    case 'float':
      return /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : undefined
    case 'bigint':
      if (!/^-?\d{1,19}$/.test(text)) return undefined
      return facts.as === 'number' ? Number(text) : BigInt(text)
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined
    case 'timestamp': {
      // A plus sign that was not encoded arrives as a space.
      const iso = text.replace(/ (\d\d:\d\d)$/, '+$1')
      return moment.safeParse(iso).success ? new Date(iso) : undefined
    }
    default:
      return text
  }
}

function expectedOf(facts: ColumnFacts): string {
  if (facts.type === 'enumeration') return `one of ${(facts.values ?? []).join(', ')}`
  if (facts.type === 'decimal') return `a number with at most ${facts.scale ?? 2} digits behind the point`
  if (facts.type === 'string') return `a text of at most ${facts.length ?? 255} characters`
  return wanted[facts.type] ?? 'a text'
}

function holds(cast: Cast, value: unknown): boolean {
  try {
    cast.encode(value)
    return true
  } catch (error) {
    if (error instanceof GluefulError && error.code === 'VALUE_INVALID') return false
    throw error
  }
}
