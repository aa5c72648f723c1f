import { fail } from '../../foundation/errors/catalog.ts'
import type { FieldError } from '../../foundation/errors/define-errors.ts'
import type { Schema, SchemaResult } from '../context/schema.ts'
import { mostErrors, toFieldErrors, unknownField } from './field-errors.ts'
import { standardJsonSchema } from './standard-json-schema.ts'
import { unknownFields, type FieldPath, type UnknownFields } from './unknown-fields.ts'
import { withoutFields } from './without-fields.ts'
import { fastParser } from './fast-parser.ts'

export type Location = 'params' | 'query' | 'headers' | 'cookies' | 'body' | 'response'
export type Validated = { readonly value: unknown } | { readonly errors: readonly FieldError[] }

/**
 * Judges a value; synchronous unless the schema is not. In mode `report`, `onUnknown` is told which fields the schema does
 * not name, such as `dealer.nmae`; at most 100 of them.
 */
export type Validator = (value: unknown, onUnknown?: (fields: readonly string[]) => void) => Validated | Promise<Validated>

export interface ValidatorOptions {
  readonly location: Location
  readonly route: string
  /** What becomes of fields that the schema does not name; undefined leaves it to the schema. */
  readonly unknown: 'reject' | 'report' | 'strip' | undefined
}

/**
 * Makes a validator of any Standard Schema. Every fault is listed, with its path from the root of the request, a code
 * (zod's, or `invalid`) and a message; at most 100 of them.
 * @throws `STRICT_UNSUPPORTED` where unknown fields matter and the schema does not say which it knows.
 */
export function compileValidator(schema: Schema, options: ValidatorOptions): Validator {
  const { location, unknown } = options
  const parse = fastParser(schema)
  if (unknown === undefined) {
    return (value) => settle(parse(value), (result) => judge(result, value, location))
  }
  const find = finderOf(schema, options)

  if (unknown === 'strip') {
    return (value) => settle(parse(withoutFields(value, find(value, Number.POSITIVE_INFINITY))), (result) => judge(result, value, location))
  }
  if (unknown === 'report') {
    return (value, onUnknown) => {
      const found = find(value, mostErrors)
      if (found.length > 0) onUnknown?.(found.map((path) => path.join('.').slice(0, 500)))
      return settle(parse(value), (result) => judge(result, value, location))
    }
  }
  return (value) => {
    const found = find(value, mostErrors)
    return settle(parse(value), (result) => judge(result, value, location, found))
  }
}

function settle(
  result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>,
  finish: (result: SchemaResult<unknown>) => Validated,
): Validated | Promise<Validated> {
  return result instanceof Promise ? result.then(finish) : finish(result)
}

function judge(result: SchemaResult<unknown>, value: unknown, location: Location, unknown: readonly FieldPath[] = []): Validated {
  if (result.issues === undefined && unknown.length === 0) return { value: result.value }
  const errors = toFieldErrors(result.issues ?? [], location, value)
  // The schema may be strict itself, and have said the same.
  const said = new Set(errors.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => JSON.stringify(path)))
  for (const path of unknown) {
    const error = unknownField(path, location)
    if (errors.length < mostErrors && !said.has(JSON.stringify(error.path))) errors.push(error)
  }
  return { errors }
}

function finderOf(schema: Schema, { route }: ValidatorOptions): UnknownFields {
  const { vendor } = schema['~standard']
  try {
    const described = standardJsonSchema(schema, 'input')
    if (described !== undefined) return unknownFields(described)
  } catch (cause) {
    throw fail('STRICT_UNSUPPORTED', { route, vendor }, { cause })
  }
  throw fail('STRICT_UNSUPPORTED', { route, vendor })
}
