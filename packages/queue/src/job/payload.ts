import type { Schema } from 'glueful'
import { fail } from '../errors.ts'

/** Any Standard Schema. */
export type PayloadSchema = { readonly '~standard': unknown }

export type ParsedPayload = { readonly value: unknown } | { readonly faults: readonly string[] }

/** Judges a stored payload; synchronous unless the schema is not. */
export type PayloadParser = (stored: unknown) => ParsedPayload | Promise<ParsedPayload>

const mostFaults = 20

export function compilePayloadParser(schema: PayloadSchema | undefined): PayloadParser {
  if (schema === undefined) return (value) => ({ value })
  const { validate } = (schema as Schema)['~standard']
  type Validated = Awaited<ReturnType<typeof validate>>
  const judge = (result: Validated): ParsedPayload => (result.issues === undefined ? { value: result.value } : { faults: faultsOf(result.issues) })
  return (stored) => {
    const result = validate(stored)
    return result instanceof Promise ? result.then(judge) : judge(result)
  }
}

type Issues = readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[]

function faultsOf(issues: Issues): string[] {
  return issues.slice(0, mostFaults).map(({ message, path = [] }) => {
    const at = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return (at === '' ? message : `${at}: ${message}`).slice(0, 300)
  })
}

/** What a payload looks like where it is stored; nothing at all is the empty text. */
export function encodePayload(job: string, payload: unknown, limit: number): string {
  if (payload === undefined) return ''
  let text: string | undefined
  try {
    text = JSON.stringify(payload)
  } catch (cause) {
    throw fail('JOB_PAYLOAD_UNSERIALIZABLE', { job, reason: cause instanceof Error ? cause.message : String(cause) }, { cause })
  }
  if (text === undefined) throw fail('JOB_PAYLOAD_UNSERIALIZABLE', { job, reason: `a ${typeof payload} has no JSON` })
  const size = text.length * 3 > limit ? Buffer.byteLength(text) : text.length
  if (size > limit) throw fail('JOB_PAYLOAD_TOO_LARGE', { job, size, limit })
  return text
}

export function decodePayload(stored: string): unknown {
  return stored === '' ? undefined : JSON.parse(stored)
}
