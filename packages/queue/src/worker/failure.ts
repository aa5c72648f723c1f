import { GluefulError } from 'glueful'
import type { Failure } from '../engine/stored-job.ts'

const longestName = 200
const longestMessage = 4_000
const longestStack = 8_000

/** What is kept of an error: enough to find its cause, never so much that the history outgrows the job. */
export function toFailure(
  error: unknown,
  about: { readonly at: number; readonly attempt: number; readonly worker: string; readonly kind?: Failure['kind'] },
): Failure {
  const { at, attempt, worker } = about
  const code = error instanceof GluefulError ? error.code : (error as { code?: unknown } | null | undefined)?.code
  const kind = about.kind ?? (code === 'JOB_TIMED_OUT' ? 'timeout' : code === 'JOB_PAYLOAD_INVALID' ? 'payload' : 'error')
  const isError = error instanceof Error
  const stack = isError ? stackOf(error) : undefined
  const name = isError ? error.name : typeof error
  return {
    at,
    attempt,
    worker,
    kind,
    name: typeof name === 'string' && name !== '' ? storable(name).slice(0, longestName) : 'Error',
    message: storable(textOf(isError ? error.message : error)).slice(0, longestMessage),
    ...(stack === undefined ? undefined : { stack: storable(stack).slice(0, longestStack) }),
    ...(typeof code === 'string' ? { code: storable(code).slice(0, 100) } : undefined),
  }
}

/** As every database stores it: PostgreSQL has no NUL in texts, and errors about bytes often have one in their message. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}

/** Anything can be thrown, and anything can be assigned to a message; what became of the job must be told nevertheless. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype ? JSON.stringify(value) : String(value)
  } catch {
    return `a value without a text (${typeof value})`
  }
}

function stackOf({ stack, cause }: Error): string | undefined {
  if (typeof stack !== 'string') return undefined
  return cause instanceof Error ? `${stack}\nCaused by: ${textOf(cause.stack ?? cause.message)}` : stack
}
