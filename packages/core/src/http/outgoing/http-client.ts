import { parseDuration, type Duration } from '../../foundation/duration.ts'
import { isRefusal } from '../../foundation/breakers/create-breaker.ts'
import { currentSandbox } from '../../foundation/sandbox/sandbox.ts'
import { fail } from '../../foundation/errors/catalog.ts'
import { telemetry } from '../../foundation/telemetry.ts'
import { withTimeout } from '../../foundation/concurrency/with-timeout.ts'
import { parseRetryAfter } from '../../foundation/concurrency/parse-retry-after.ts'
import { retry } from '../../foundation/concurrency/retry.ts'
import { redactText } from '../../foundation/logging/redact-text.ts'
import type { Logger } from '../../foundation/logging/logger.ts'

export interface OutgoingRequest {
  readonly method?: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is; such a request is tried once. */
  readonly body?: NonNullable<RequestInit['body']>
  readonly signal?: AbortSignal
  /** Statuses from 400 on that are answers here and no errors, such as 404 of what may be absent or 402 of a charge. */
  readonly expects?: readonly number[]
  /** Of each try. Default: the client's. */
  readonly timeout?: Duration
}

/** What a call meant to the other side, for logs, metrics and breakers; the query is left out, it may carry secrets. */
export interface OutgoingCall {
  readonly client: string
  readonly method: string
  readonly url: string
  /** 0 when no answer came. */
  readonly status: number
  readonly durationMs: number
  readonly tries: number
}

export interface HttpClientOptions {
  /** For logs and metrics: `payments`. */
  readonly name: string
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
  /** Of each try, body included. Default: 10 s. */
  readonly timeout?: Duration
  /**
   * Tries of requests that may be repeated (RFC 9110, 9.2.2, and those with an Idempotency-Key), the first included. A
   * Retry-After is waited for, one of more than 10 s ends the tries. Default: 3.
   */
  readonly attempts?: number
  /** Default: the global fetch. Tests give a fake. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** Runs around each try: circuit breakers and bulkheads go here. */
  readonly around?: (request: Request, next: () => Promise<Response>) => Promise<Response>
  /** Told of each finished call. */
  readonly onCall?: (call: OutgoingCall) => void
  readonly log?: Logger
}

/** The answer of another service, read. */
export interface OutgoingResponse {
  readonly status: number
  readonly headers: Headers
  text(): string
  /** @throws `OUTGOING_NOT_JSON` */
  json(): unknown
}

export interface HttpClient {
  request(path: string, request?: OutgoingRequest): Promise<OutgoingResponse>
  get(path: string, request?: OutgoingRequest): Promise<OutgoingResponse>
  post(path: string, json: unknown, request?: OutgoingRequest): Promise<OutgoingResponse>
}

const repeatable = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
const passing = new Set([408, 429, 502, 503, 504])
/** Whoever waits for an answer does not wait longer than this between two tries, in ms. */
const longestWait = 10_000
/** Bytes of an answer that are read. */
const mostBytes = 10 * 1024 * 1024

/**
 * A client for another service: base URL, time-outs, repeats with back-off and jitter, W3C trace context, redacted logs.
 * Statuses from 400 on are errors.
 * @throws `OUTGOING_PATH_INVALID` (500) for a path that leads out of the base URL, `OUTGOING_FAILED` (502) with the cause, `OUTGOING_STATUS` (502), `TIMED_OUT` (504); what a breaker refuses, as it is
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { name, attempts = 3, log } = options
  const send = options.fetch ?? ((request: Request) => fetch(request))
  const around = options.around ?? ((_request: Request, next: () => Promise<Response>) => next())
  const base = options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`
  const baseHref = new URL(base).href

  async function request(path: string, given: OutgoingRequest = {}): Promise<OutgoingResponse> {
    const method = (given.method ?? 'GET').toUpperCase()
    const url = new URL(path.replace(/^\/+/, ''), base)
    // Dots, backslashes and schemes of what came from outside would send the client's credentials elsewhere.
    if (!url.href.startsWith(baseHref)) throw fail('OUTGOING_PATH_INVALID', { name, path, base: baseHref })
    for (const [key, value] of Object.entries(given.query ?? {})) if (value !== undefined) url.searchParams.set(key, String(value))
    const started = performance.now()
    const shown = `${url.origin}${url.pathname}`
    let tries = 0
    let status = 0
    let retryAfter: number | undefined
    const attempt = (signal: AbortSignal): Promise<OutgoingResponse> => {
      tries++
      status = 0
      retryAfter = undefined
      const timeout = parseDuration(given.timeout ?? options.timeout ?? '10s', `timeout of the client ${name}`)
      return withTimeout(
        async (limited) => {
          const made = new Request(url, { method, headers: headersOf(given), signal: limited, ...bodyOf(given) })
          const sandbox = currentSandbox()
          // A breaker would take what is made up for an answer of the other side.
          const response = await (sandbox === undefined ? around(made, () => send(made)) : sandbox.answer(made))
          status = response.status
          retryAfter = parseRetryAfter(response.headers.get('retry-after'))
          const text = await readText(response, name)
          if (status >= 400 && given.expects?.includes(status) !== true) throw fail('OUTGOING_STATUS', { name, method, url: shown, status: response.status })
          return { status: response.status, headers: response.headers, text: () => text, json: () => parse(text, shown) }
        },
        timeout,
        { signal },
      )
    }
    try {
      const most = isRepeatable(method, given) ? attempts : 1
      const retryIf = (error: unknown) =>
        !isRefusal(error) && (retryAfter ?? 0) <= longestWait && (status === 0 || passing.has(status) || (error as { code?: string }).code === 'TIMED_OUT')
      return await retry(attempt, { attempts: most, retryIf, waitFor: () => retryAfter, ...(given.signal === undefined ? {} : { signal: given.signal }) })
    } catch (cause) {
      if (
        given.signal?.aborted === true ||
        isRefusal(cause) ||
        (cause as { code?: string }).code === 'OUTGOING_STATUS' ||
        (cause as { code?: string }).code === 'TIMED_OUT'
      )
        throw cause
      throw fail('OUTGOING_FAILED', { name, method, url: shown, reason: redactText(reasonOf(cause)) }, { cause })
    } finally {
      const call = { client: name, method, url: shown, status, durationMs: performance.now() - started, tries }
      if (currentSandbox() === undefined) options.onCall?.(call)
      log?.debug({ ...call }, 'Called another service')
    }
  }

  function headersOf({ headers, json }: OutgoingRequest): Headers {
    const carrier: Record<string, string> = {}
    const api = telemetry()
    api?.propagation.inject(api.context.active(), carrier)
    return new Headers({
      accept: 'application/json',
      ...options.headers,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...carrier,
    })
  }

  function isRepeatable(method: string, { headers, body }: OutgoingRequest): boolean {
    if (body !== undefined) return false
    return repeatable.has(method) || Object.keys(headers ?? {}).some((header) => header.toLowerCase() === 'idempotency-key')
  }

  return {
    request,
    get: (path, given) => request(path, { ...given, method: 'GET' }),
    post: (path, json, given) => request(path, { ...given, method: 'POST', json }),
  }
}

function bodyOf({ json, body }: OutgoingRequest): { body?: NonNullable<RequestInit['body']> } {
  return json !== undefined ? { body: JSON.stringify(json) } : body !== undefined ? { body } : {}
}

async function readText(response: Response, name: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength
    if (size > mostBytes) throw fail('OUTGOING_TOO_LARGE', { name, limit: mostBytes })
    chunks.push(chunk as Uint8Array)
  }
  return Buffer.concat(chunks).toString()
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw fail('OUTGOING_NOT_JSON', { url }, { cause })
  }
}

/** What `fetch` hides in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? message ?? String(error)
}
