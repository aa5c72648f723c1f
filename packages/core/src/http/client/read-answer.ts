import type { FieldError } from '../../foundation/errors/define-errors.ts'
import type { Problem } from '../problem/problem.ts'
import type { ClientResult } from './client-types.ts'
import { failure } from './failure.ts'
import { readEvents } from './read-events.ts'

/** An answer as a result: JSON parsed, events as they come, text as text, anything else as a Blob. */
export async function readAnswer(response: Response): Promise<ClientResult<unknown>> {
  const { status, headers } = response
  const requestId = headers.get('x-request-id') ?? undefined
  const type = (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (response.ok && type === 'text/event-stream' && response.body !== null) return { ok: true, status, body: readEvents(response.body), headers, requestId }
  const isJson = type === 'application/json' || type.endsWith('+json')
  if (response.ok && !isJson && type !== '' && !type.startsWith('text/')) return { ok: true, status, body: await response.blob(), headers, requestId }
  const text = await response.text()
  let body: unknown = text === '' ? undefined : text
  if (isJson && text !== '') {
    try {
      body = JSON.parse(text)
    } catch {
      return failure('INVALID_ANSWER', 'The answer is not the JSON that it says it is.', response)
    }
  }
  if (response.ok) return { ok: true, status, body, headers, requestId }
  const error = toProblem(body, status)
  return error === undefined
    ? failure('HTTP_ERROR', `The server answered ${status}.`, response)
    : { ok: false, status, error, headers, requestId: requestId ?? error.requestId }
}

/** A problem document, or the older envelope. */
function toProblem(body: unknown, status: number): Problem | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { code, error } = body as { code?: unknown; error?: { code?: unknown; message?: unknown; details?: unknown; request_id?: unknown } }
  if (typeof code === 'string') return { type: 'about:blank', title: code, detail: '', requestId: '', ...(body as object), status, code }
  if (typeof error !== 'object' || error === null || typeof error.code !== 'string') return undefined
  return {
    type: 'about:blank',
    title: error.code,
    status,
    detail: String(error.message ?? ''),
    code: error.code,
    requestId: String(error.request_id ?? ''),
    ...(Array.isArray(error.details) ? { errors: error.details as FieldError[] } : {}),
  }
}
