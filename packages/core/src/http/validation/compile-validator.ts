import { z } from 'zod'
import type { FieldError } from '../../foundation/errors/define-errors.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import type { Schema, SchemaIssue, SchemaResult } from '../context/schema.ts'
import { unknownFields } from './unknown-fields.ts'

export type Location = 'params' | 'query' | 'headers' | 'cookies' | 'body' | 'response'
export type Validated = { readonly value: unknown } | { readonly errors: readonly FieldError[] }
export type Validator = (value: unknown) => Validated | Promise<Validated>

export interface ValidatorOptions {
  readonly location: Location
  readonly route: string
  /** What becomes of fields that the schema does not name; undefined leaves it to the schema. */
  readonly unknown: 'reject' | 'report' | 'strip' | undefined
  /** Told in mode `report`. */
  readonly onUnknown?: (fields: readonly string[]) => void
}

/** So that one request cannot make an answer of any length. */
const mostErrors = 100

/**
 * Makes a validator of any Standard Schema. Faults have a path from the root of the request, a code and a message.
 * @throws `STRICT_UNSUPPORTED` where fields are to be rejected and the schema does not say which it knows.
 */
export function compileValidator(schema: Schema, options: ValidatorOptions): Validator {
  const { location, unknown } = options
  const validate = schema['~standard'].validate
  const judge = unknown === undefined ? undefined : unknownFields(schema)
  if (unknown !== undefined && judge === undefined) {
    throw fail('STRICT_UNSUPPORTED', { route: options.route, vendor: schema['~standard'].vendor })
  }

  function finish(result: SchemaResult<unknown>, extra: readonly (readonly (string | number)[])[]): Validated {
    const errors = (result.issues ?? []).slice(0, mostErrors).flatMap((issue) => toErrors(issue, location))
    if (unknown === 'reject') {
      for (const path of extra.slice(0, mostErrors)) {
        const known = errors.some((error) => error.code === 'unrecognized_keys' && error.path.slice(1).join('.') === path.join('.'))
        if (!known) errors.push({ path: [location, ...path], code: 'unrecognized_keys', message: 'Unknown field' })
      }
    }
    return errors.length > 0 ? { errors } : { value: (result as { value: unknown }).value }
  }

  return (value) => {
    const extra = judge === undefined ? [] : judge(value)
    if (unknown === 'report' && extra.length > 0) options.onUnknown?.(extra.map((path) => path.join('.')))
    const result = validate(unknown === 'strip' && extra.length > 0 ? without(value, extra) : value)
    return result instanceof Promise ? result.then((late) => finish(late, extra)) : result.issues === undefined && (extra.length === 0 || unknown !== 'reject') ? { value: result.value } : finish(result, extra)
  }
}

/** A copy that lacks these fields. */
function without(value: unknown, paths: readonly (readonly (string | number)[])[]): unknown {
  const copy = structuredClone(value)
  for (const path of paths) {
    let at = copy as Record<string | number, unknown>
    for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
    delete at[path.at(-1) as string | number]
  }
  return copy
}

function toErrors(issue: SchemaIssue & { code?: unknown; keys?: unknown }, location: Location): FieldError[] {
  const path = (issue.path ?? []).map((part) => {
    const key = typeof part === 'object' ? part.key : part
    return typeof key === 'symbol' ? key.toString() : key
  })
  const code = typeof issue.code === 'string' ? issue.code : 'invalid'
  if (code === 'unrecognized_keys' && Array.isArray(issue.keys)) return issue.keys.map((key) => ({ path: [location, ...path, String(key)], code, message: 'Unknown field' }))
  return [{ path: [location, ...path], code, message: issue.message.slice(0, 500) }]
}

export function isZod(schema: Schema): schema is Schema & z.ZodType {
  return schema['~standard'].vendor === 'zod' && '_zod' in schema
}
