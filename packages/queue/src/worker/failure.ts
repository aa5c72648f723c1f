import { GluefulError } from 'glueful'
import type { Failure } from '../engine/stored-job.ts'

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
  return {
    at,
    attempt,
    worker,
    kind,
    name: isError ? error.name : typeof error,
    message: (isError ? error.message : String(error)).slice(0, longestMessage),
    ...(stack === undefined ? undefined : { stack: stack.slice(0, longestStack) }),
    ...(typeof code === 'string' ? { code: code.slice(0, 100) } : undefined),
  }
}

function stackOf(error: Error): string | undefined {
  const cause = error.cause instanceof Error ? `\nCaused by: ${error.cause.stack ?? error.cause.message}` : ''
  return error.stack === undefined ? undefined : error.stack + cause
}
