import { service, type Service } from '../services/service.ts'
import type { LogFields } from './logger.ts'
import { normaliseName, redacted, redactText, secretNames } from './redact-text.ts'
import { maskSecrets } from './secret-values.ts'

/** Masks what must not be written down. `secrets` are texts that must not appear, whatever field or sentence they stand in. */
export interface Redactor {
  /** A copy of the fields without what is secret, of a size that is bounded. */
  (fields: LogFields, secrets?: readonly string[]): LogFields
  /** A text without what looks like a secret in it. */
  text(text: string, secrets?: readonly string[]): string
  /** A copy of an error that is of the same class; of anything else, as a field. */
  error(error: unknown, secrets?: readonly string[]): unknown
  /** Whether fields of this name are masked. */
  hides(name: string): boolean
}

/** Masks what the application declares as secret (`redact`, marked fields), for whatever shows or stores data besides logs: `use(Redaction)`. */
export const Redaction: Service<Redactor> = service<Redactor>('redaction')

/** A redactor that learns names while the application is put together. */
export interface GrowingRedactor extends Redactor {
  hide(names: Iterable<string>): void
}

const deepest = 6
const mostEntries = 100
const longestText = 8_192
const none: readonly string[] = []

/** Masks fields by name (whatever their case and separators) and by path, and bounds what a line may hold. */
export function createRedactor(names: readonly string[] = [], paths: readonly string[] = []): GrowingRedactor {
  const hidden = new Set([...secretNames, ...names].map(normaliseName))
  const hiddenPaths = new Set(paths)
  const hides = (name: string) => hidden.has(normaliseName(name))

  function shownText(text: string, secrets: readonly string[]): string {
    // A secret that is cut in two at the end would not be found.
    const masked = redactText(maskSecrets(text.length > 2 * longestText ? text.slice(0, 2 * longestText) : text, secrets), hides)
    return masked.length > longestText ? `${masked.slice(0, longestText)}… (${text.length} characters)` : masked
  }

  function copy(value: unknown, secrets: readonly string[], path: string, depth: number, above: readonly object[]): unknown {
    if (typeof value === 'string') return shownText(value, secrets)
    if (typeof value === 'bigint') return shownText(value.toString(), secrets)
    if (typeof value === 'function' || typeof value === 'symbol') return shownText(String(value), secrets)
    if (typeof value === 'number') return secrets.length > 0 && secrets.includes(String(value)) ? redacted : value
    if (typeof value !== 'object' || value === null) return value
    if (above.includes(value)) return '[circular]'
    if (depth > deepest) return '[too deep]'
    const within = [...above, value]
    if (value instanceof Error) return copyError(value, secrets, path, depth, within)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
      try {
        return copy((value as { toJSON: () => unknown }).toJSON(), secrets, path, depth + 1, within)
      } catch {
        return '[unreadable]'
      }
    }
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((item, index) => copy(item, secrets, `${path}[${index}]`, depth + 1, within))
    if (value instanceof Map || value instanceof Set) return copy([...value], secrets, path, depth, within)
    return copyRecord(value as Record<string, unknown>, secrets, path, depth, within)
  }

  function copyRecord(record: object, secrets: readonly string[], path: string, depth: number, within: readonly object[]): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    for (const key of Object.keys(record).slice(0, mostEntries)) {
      const at = path === '' ? key : `${path}.${key}`
      let value: unknown
      try {
        value = (record as Record<string, unknown>)[key]
      } catch {
        value = '[unreadable]'
      }
      const shown = value !== undefined && (hides(key) || hiddenPaths.has(at)) ? redacted : copy(value, secrets, at, depth + 1, within)
      result[maskSecrets(key, secrets)] = shown
    }
    return result
  }

  function copyError(error: Error, secrets: readonly string[], path: string, depth: number, within: readonly object[]): Record<string, unknown> {
    return {
      ...copyRecord({ ...error }, secrets, path, depth, within),
      type: error.name,
      message: copy(error.message, secrets, path, depth, within),
      stack: copy(error.stack, secrets, path, depth, within),
      ...(error.cause === undefined ? {} : { cause: copy(error.cause, secrets, `${path}.cause`, depth + 1, within) }),
    }
  }

  function shownError(value: unknown, secrets: readonly string[], depth: number, above: readonly object[]): unknown {
    if (!(value instanceof Error) || depth > deepest || above.includes(value)) return copy(value, secrets, '', depth, above)
    const shown = blankOf(value, shownText(String(value.message), secrets))
    Object.defineProperties(shown, Object.getOwnPropertyDescriptors(copyRecord({ ...value }, secrets, '', depth, [value])))
    const define = (name: string, member: unknown) =>
      Object.defineProperty(shown, name, { value: member, configurable: true, writable: true, enumerable: false })
    if (shown.name !== value.name) define('name', value.name)
    define('stack', value.stack === undefined ? undefined : shownText(String(value.stack), secrets))
    if (value.cause !== undefined) define('cause', shownError(value.cause, secrets, depth + 1, [...above, value]))
    if (value instanceof AggregateError)
      define(
        'errors',
        value.errors.slice(0, mostEntries).map((one: unknown) => shownError(one, secrets, depth + 1, [...above, value])),
      )
    return shown
  }

  const redact = (fields: LogFields, secrets: readonly string[] = none) => copy(fields, secrets, '', 0, []) as LogFields
  return Object.assign(redact, {
    text: (text: string, secrets: readonly string[] = none) => shownText(text, secrets),
    error: (error: unknown, secrets: readonly string[] = none) => {
      try {
        return shownError(error, secrets, 0, [])
      } catch {
        // Whoever throws what cannot even be read hears of it by its absence.
        return new Error('[unreadable]')
      }
    },
    hides,
    hide: (more: Iterable<string>) => {
      for (const name of more) hidden.add(normaliseName(name))
    },
  })
}

/** An error of the same class without its fields, which no constructor of an application has run for. */
function blankOf(error: Error, message: string): Error {
  // The members of a DOMException are those of its inside.
  if (error instanceof DOMException) return new DOMException(message, error.name)
  return Object.setPrototypeOf(new Error(message), Object.getPrototypeOf(error) as object) as Error
}
