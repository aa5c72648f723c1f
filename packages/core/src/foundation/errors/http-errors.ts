import { nodeHttp } from '../node-http.ts'
import { GluefulError, type ErrorExtras } from './define-errors.ts'

const { STATUS_CODES } = nodeHttp

export interface HttpErrorOptions extends ErrorExtras {
  /** Stable and machine-readable, upper case: `CAR_NOT_FOUND`. Default: the family's own. */
  readonly code?: string
}

/**
 * An error that a client is told about: its status, code and detail go into the problem document.
 * Throw one of its families; anything else that is thrown answers 500 and tells the client nothing.
 */
export class HttpError extends GluefulError {
  override readonly name: string = 'HttpError'

  constructor(status: number, defaultCode: string, detail: string, options: HttpErrorOptions = {}) {
    super(options.code ?? defaultCode, { status, title: STATUS_CODES[status] ?? 'Error', detail, fix: '' }, options)
  }
}

function family(status: number, code: string) {
  return class extends HttpError {
    override readonly name = STATUS_CODES[status]?.replaceAll(' ', '') ?? 'HttpError'
    constructor(detail: string = STATUS_CODES[status] ?? '', options: HttpErrorOptions = {}) {
      super(status, code, detail, options)
    }
  }
}

/** 400: the request cannot be understood. */
export class BadRequest extends family(400, 'BAD_REQUEST') {}
/** 401: the request needs valid credentials. */
export class Unauthenticated extends family(401, 'UNAUTHENTICATED') {}
/** 402 */
export class PaymentRequired extends family(402, 'PAYMENT_REQUIRED') {}
/** 403: the caller is known and may not do this. */
export class Forbidden extends family(403, 'FORBIDDEN') {}
/** 404: what the path names does not exist. */
export class NotFound extends family(404, 'NOT_FOUND') {}
/** 406 */
export class NotAcceptable extends family(406, 'NOT_ACCEPTABLE') {}
/** 409: the state of the resource forbids it. */
export class Conflict extends family(409, 'CONFLICT') {}
/** 410: it existed and will not come back. */
export class Gone extends family(410, 'GONE') {}
/** 412: a precondition header does not hold. */
export class PreconditionFailed extends family(412, 'PRECONDITION_FAILED') {}
/** 422: well-formed and not acceptable. */
export class Unprocessable extends family(422, 'UNPROCESSABLE') {}
/** 502: a service behind this one failed. */
export class BadGateway extends family(502, 'BAD_GATEWAY') {}

/** 404 for a record: which model, which key. */
export class ModelNotFound extends NotFound {
  constructor(model: string, key: string | number, options: HttpErrorOptions = {}) {
    super(`${model} ${key} does not exist.`, { code: 'MODEL_NOT_FOUND', ...options })
  }
}

function withRetryAfter(options: HttpErrorOptions & RetryAfter): HttpErrorOptions {
  if (options.retryAfter === undefined) return options
  return { ...options, headers: [...(options.headers ?? []), 'retry-after', String(Math.max(1, Math.ceil(options.retryAfter)))] }
}

export interface RetryAfter {
  /** Seconds until the request may be repeated; sent as Retry-After (RFC 9110, 10.2.3). */
  readonly retryAfter?: number
}

/** 429: slow down; `retryAfter` says for how long. */
export class TooManyRequests extends family(429, 'TOO_MANY_REQUESTS') {
  constructor(detail?: string, options: HttpErrorOptions & RetryAfter = {}) {
    super(detail, withRetryAfter(options))
  }
}

/** 503: not now; `retryAfter` says when. */
export class ServiceUnavailable extends family(503, 'SERVICE_UNAVAILABLE') {
  constructor(detail?: string, options: HttpErrorOptions & RetryAfter = {}) {
    super(detail, withRetryAfter(options))
  }
}

/** 504: a service behind this one did not answer in time. */
export class GatewayTimeout extends family(504, 'GATEWAY_TIMEOUT') {}
