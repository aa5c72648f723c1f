import { service, type Service } from '../services/service.ts'
import type { LogFields } from './logger.ts'

const secretNames = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'apikey',
  'xapikey',
  'privatekey',
  'creditcard',
  'cardnumber',
  'cvv',
  'cvc',
  'ssn',
  'pin',
  'otp',
  'sessionid',
  'credentials',
  'connectionstring',
]

/** A copy of the fields without what is secret, of a size that is bounded. */
export type Redactor = (fields: LogFields) => LogFields

/** Masks what the application declares as secret (`redact`), for whatever shows or stores data besides logs: `use(Redaction)`. */
export const Redaction: Service<Redactor> = service<Redactor>('redaction')

export const redacted = '[redacted]'
const deepest = 6
const mostEntries = 100
const longestText = 8_192

/** Masks fields by name (whatever their case and separators) and by path, and bounds what a line may hold. */
export function createRedactor(names: readonly string[] = [], paths: readonly string[] = []): Redactor {
  const hidden = new Set([...secretNames, ...names].map(normalise))
  const hiddenPaths = new Set(paths)
  const isHidden = (name: string) => hidden.has(normalise(name))
  return (fields) => copy(fields, '', 0, []) as LogFields

  function copy(value: unknown, path: string, depth: number, above: readonly object[]): unknown {
    if (typeof value === 'string') return redactText(value.length > longestText ? `${value.slice(0, longestText)}… (${value.length} characters)` : value)
    if (typeof value === 'bigint') return value.toString()
    if (typeof value === 'function' || typeof value === 'symbol') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (above.includes(value)) return '[circular]'
    if (depth > deepest) return '[too deep]'
    const within = [...above, value]
    if (value instanceof Error) return copyError(value, path, depth, within)
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
      try {
        return copy((value as { toJSON: () => unknown }).toJSON(), path, depth + 1, within)
      } catch {
        return '[unreadable]'
      }
    }
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((item, index) => copy(item, `${path}[${index}]`, depth + 1, within))
    if (value instanceof Map || value instanceof Set) return copy([...value], path, depth, within)
    return copyRecord(value as Record<string, unknown>, path, depth, within)
  }

  function copyRecord(record: Record<string, unknown>, path: string, depth: number, within: readonly object[]): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    for (const key of Object.keys(record).slice(0, mostEntries)) {
      const at = path === '' ? key : `${path}.${key}`
      let value: unknown
      try {
        value = record[key]
      } catch {
        value = '[unreadable]'
      }
      result[key] = value !== undefined && (isHidden(key) || hiddenPaths.has(at)) ? redacted : copy(value, at, depth + 1, within)
    }
    return result
  }

  function copyError(error: Error, path: string, depth: number, within: readonly object[]): Record<string, unknown> {
    const extra = copyRecord({ ...error }, path, depth, within)
    return {
      ...extra,
      type: error.name,
      message: copy(error.message, path, depth, within),
      stack: copy(error.stack, path, depth, within),
      ...(error.cause === undefined ? {} : { cause: copy(error.cause, `${path}.cause`, depth + 1, within) }),
    }
  }
}

const ownSecretNames = new Set(secretNames)

/** Whether a field of this name is masked in every application, whatever its case and separators. */
export function isSecretName(name: string): boolean {
  return ownSecretNames.has(normalise(name))
}

// Each part has a length that is bounded, so that no text makes these slow.
const credentialsOfUrl = /(:\/\/[^\s:@/]{0,100}):[^\s@/]{1,200}@/g
const credentialsOfHeader = /\b(Bearer|Basic)\s{1,3}[\w.~+/=-]{8,}/gi
const token = /\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]{0,}|\bgf[a-z]?_(?:live_|test_)?[\w-]{16,}/g
const naming = /\b([a-z][\w-]{0,40})["']?\s{0,3}[=:]\s{0,3}/gi
const named = /"[^"]{1,500}"|'[^']{1,500}'|[^\s&,;"')}\]]{1,500}/y

/** Masks what looks like a secret within text: credentials in URLs and headers, tokens, and `password=…`. */
export function redactText(text: string, isSecret: (name: string) => boolean = isSecretName): string {
  if (!/[:=_]|eyJ|bearer|basic/i.test(text)) return text
  const shown = text.replaceAll(credentialsOfUrl, `$1:${redacted}@`).replaceAll(credentialsOfHeader, `$1 ${redacted}`).replaceAll(token, redacted)
  let result = ''
  let from = 0
  for (const { 0: start, 1: name = '', index } of shown.matchAll(naming)) {
    const at = index + start.length
    if (at < from || !isSecret(name)) continue
    named.lastIndex = at
    const value = named.exec(shown)?.[0]
    if (value === undefined || /^(?:Bearer|Basic)$/i.test(value) || value.startsWith('[redacted')) continue
    result += shown.slice(from, at) + redacted
    from = at + value.length
  }
  return from === 0 ? shown : result + shown.slice(from)
}

function normalise(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
