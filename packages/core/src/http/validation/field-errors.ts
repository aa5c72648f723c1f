import type { FieldError } from '../../foundation/errors/define-errors.ts'
import { redacted } from '../../foundation/logging/redact-text.ts'
import type { SchemaIssue } from '../context/schema.ts'
import type { FieldPath } from './unknown-fields.ts'

/** So that one request cannot make an answer of any length. */
export const mostErrors = 100
const longestMessage = 500
const longestKey = 200
const mostKeys = 64

/** The issues of a schema as the faults that an answer lists. Some vendors say what they found; a fault never does. */
export function toFieldErrors(issues: readonly SchemaIssue[], location: string, value: unknown): FieldError[] {
  const errors: FieldError[] = []
  for (const issue of issues) {
    if (errors.length >= mostErrors) break
    const { code, keys } = issue as { code?: unknown; keys?: unknown }
    const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part)).map((key) => (typeof key === 'symbol' ? key.toString() : key))
    if (code === 'unrecognized_keys' && Array.isArray(keys)) {
      for (const key of keys.slice(0, mostErrors - errors.length)) errors.push(unknownField([...path, String(key)], location))
    } else {
      errors.push({
        path: pathOf(path, location),
        code: typeof code === 'string' ? code : 'invalid',
        message: withoutValue(issue.message, valueAt(value, path)).slice(0, longestMessage),
      })
    }
  }
  return errors
}

/** The fault of a field that the schema does not name. */
export function unknownField(path: FieldPath, location: string): FieldError {
  return { path: pathOf(path, location), code: 'unrecognized_keys', message: 'Unknown field' }
}

function pathOf(path: FieldPath, location: string): FieldPath {
  return [location, ...path.slice(0, mostKeys).map((key) => (typeof key === 'string' ? key.slice(0, longestKey) : key))]
}

function valueAt(value: unknown, path: FieldPath): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<string | number, unknown>)[key]
  }
  return at
}

/** Shorter ones stand in too many words; within quotes there is no doubt. */
const shortestBare = 6

function withoutValue(message: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return message
  const text = String(value)
  if (text === '') return message
  const quoted = [JSON.stringify(text), `'${text}'`, `\`${text}\``].reduce((shown, form) => shown.replaceAll(form, redacted), message)
  return text.length < shortestBare ? quoted : quoted.replaceAll(text, redacted)
}
