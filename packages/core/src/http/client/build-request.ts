import { CallFailed } from './failure.ts'

export interface RequestInput {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, unknown>>
  readonly cookies?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

export interface BuiltRequest {
  /** Path and query. */
  readonly target: string
  readonly headers: Headers
  readonly body: NonNullable<RequestInit['body']> | undefined
}

/** The input of a call as a request: path filled, query and body encoded, headers as text. */
export function buildRequest(pattern: string, input: RequestInput, defaults: Readonly<Record<string, string>>): BuiltRequest {
  const { body, type } = encodeBody(input.body)
  const headers = new Headers({ accept: 'application/json', ...defaults })
  if (type !== undefined) headers.set('content-type', type)
  for (const [name, value] of Object.entries(input.headers ?? {})) if (value !== undefined && value !== null) setHeader(headers, name, toText(value))
  // Browsers set cookies by themselves, and ignore this one.
  const cookies = Object.entries(input.cookies ?? {}).filter(([, value]) => value !== undefined)
  if (cookies.length > 0) setHeader(headers, 'cookie', cookies.map(([name, value]) => `${name}=${encodeURIComponent(toText(value))}`).join('; '))
  return { target: fillPath(pattern, input.params ?? {}) + encodeQuery(input.query ?? {}), headers, body }
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value)
  } catch {
    throw new CallFailed('CLIENT_INPUT_INVALID', `The header ${JSON.stringify(name)} has a name or value that no header may have.`)
  }
}

function fillPath(pattern: string, params: Readonly<Record<string, unknown>>): string {
  let path = ''
  for (const segment of pattern.split('/').slice(1)) {
    const param = /^:(\w+)(?:\(.*\))?(\?)?$/.exec(segment)
    const wildcard = param === null ? /^\*(\w*)$/.exec(segment) : null
    const name = param?.[1] ?? (wildcard === null ? undefined : wildcard[1] || '*')
    if (name === undefined) {
      path += `/${segment}`
      continue
    }
    const value = params[name]
    if (value === undefined || value === null) {
      if (param?.[2] !== undefined) break
      throw new CallFailed('CLIENT_INPUT_INVALID', `The parameter ${name} of ${pattern} is missing.`)
    }
    const pieces = wildcard === null ? [toText(value)] : toText(value).split('/')
    // Empty and dot segments lead to another resource, encoded or not (WHATWG URL, 4.4).
    if (pieces.some((piece) => piece === '' || piece === '.' || piece === '..' || !piece.isWellFormed())) {
      throw new CallFailed('CLIENT_INPUT_INVALID', `The parameter ${name} of ${pattern} cannot be ${JSON.stringify(toText(value).slice(0, 100))}.`)
    }
    path += `/${pieces.map(encodeURIComponent).join('/')}`
  }
  return path === '' ? '/' : path
}

function encodeQuery(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) if (one !== undefined && one !== null) search.append(name, toText(one))
  }
  return search.size === 0 ? '' : `?${search.toString()}`
}

function toText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function encodeBody(body: unknown): { body: BuiltRequest['body']; type?: string } {
  if (body === undefined) return { body: undefined }
  if (body instanceof FormData || body instanceof URLSearchParams || body instanceof Blob) return { body }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { body: body as Uint8Array<ArrayBuffer>, type: 'application/octet-stream' }
  if (holdsFiles(body)) return { body: toForm(body) }
  return { body: JSON.stringify(body), type: 'application/json' }
}

function holdsFiles(body: unknown): body is Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null && Object.values(body).some((value) => [value].flat().some((one) => one instanceof Blob))
}

function toForm(body: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one instanceof Blob) form.append(name, one)
      else if (one !== undefined && one !== null) form.append(name, toText(one))
    }
  }
  return form
}
