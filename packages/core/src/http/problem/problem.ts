import type { FieldError } from '../../foundation/errors/define-errors.ts'

/** The body of every error answer: RFC 9457, section 3, with `code`, `requestId` and `errors` as extension members. */
export interface Problem {
  /** A URI that identifies the kind of problem; `about:blank` means that the status says it all (RFC 9457, 4.2.1). */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** Stable and machine-readable. */
  readonly code: string
  readonly requestId: string
  readonly errors?: readonly FieldError[]
  /** Outside production only. */
  readonly debug?: { readonly name: string; readonly message: string; readonly stack?: readonly string[]; readonly cause?: string }
}

/** The older shape, for APIs whose clients read it. */
export interface Envelope {
  readonly success: false
  readonly message: string
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details?: readonly FieldError[]
    readonly request_id: string
  }
}

export function toEnvelope(problem: Problem): Envelope {
  return {
    success: false,
    message: problem.detail,
    error: {
      code: problem.code,
      message: problem.detail,
      ...(problem.errors === undefined ? {} : { details: problem.errors }),
      request_id: problem.requestId,
    },
  }
}
