import type { Problem } from '../problem/problem.ts'
import type { ClientResult } from './client-types.ts'

/** Codes of failures that the server did not answer; their status is 0. */
export type ClientErrorCode =
  | 'NETWORK_ERROR'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'CLIENT_INPUT_INVALID'
  | 'CLIENT_TOKEN_UNAVAILABLE'
  | 'CLIENT_UNKNOWN_OPERATION'
  | 'CLIENT_MANIFEST_UNAVAILABLE'

export type Failure = Extract<ClientResult<never>, { ok: false }>

/** A failure as a result, in the shape that problem documents of the server have. */
export function failure(code: string, detail: string, answer?: { readonly status: number; readonly headers: Headers }): Failure {
  const headers = answer?.headers ?? new Headers()
  const requestId = headers.get('x-request-id') ?? undefined
  const status = answer?.status ?? 0
  const error: Problem = { type: 'about:blank', title: code, status, detail, code, requestId: requestId ?? '' }
  return { ok: false, status, error, headers, requestId }
}

/** Ends a call early with a result; never leaves the client. */
export class CallFailed extends TypeError {
  readonly result: Failure

  constructor(code: ClientErrorCode, detail: string) {
    super(detail)
    this.result = failure(code, detail)
  }
}
