import type { RouteTree } from '../context/route.ts'
import type { Problem } from '../problem/problem.ts'
import type { Client, ClientResult } from './client-types.ts'
import { manifestFromOpenApi, type RouteManifest } from './manifest.ts'

export interface ClientOptions {
  /** Sent as `Authorization: Bearer …`; a function is asked before each request. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>)
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the global fetch. */
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>
  /** In ms, over all tries. Default: 30,000. */
  readonly timeout?: number
  /** More tries for GET, HEAD, PUT and DELETE when the network fails or the server answers 502, 503, 504 or 429. Default: 2. */
  readonly retries?: number
  /** Where the operations are. Default: read once from `/openapi.json` of the API. */
  readonly routes?: RouteManifest
}

interface CallInput {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly timeout?: number
}

const safe = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])
const passing = new Set([429, 502, 503, 504])

/**
 * A client with the types of the server's own route values. Calls never throw for what the network or the server does:
 * they resolve to a body, or to a problem document.
 *
 * @example
 * const api = createClient<typeof routes>('https://api.example.com', { token })
 * const answer = await api.cars.show({ params: { id } })
 * if (answer.ok) console.log(answer.body.make)
 */
export function createClient<Routes extends RouteTree>(baseUrl: string, options: ClientOptions = {}): Client<Routes> {
  const base = baseUrl.replace(/\/+$/, '')
  const send = options.fetch ?? ((input: string, init: RequestInit) => fetch(input, init))
  let manifest: Promise<RouteManifest> | undefined

  function loadManifest(signal: AbortSignal): Promise<RouteManifest> {
    if (options.routes !== undefined) return Promise.resolve(options.routes)
    manifest ??= readManifest(signal).catch((error: unknown) => {
      // The next call tries again.
      manifest = undefined
      throw error
    })
    return manifest
  }

  async function readManifest(signal: AbortSignal): Promise<RouteManifest> {
    const response = await send(`${base}/openapi.json`, { headers: { accept: 'application/json', ...options.headers }, signal })
    if (!response.ok) throw new TypeError(`${base}/openapi.json answered ${response.status}; give the client its routes: createClient(url, { routes: routeManifest(routes) })`)
    return manifestFromOpenApi((await response.json()) as Parameters<typeof manifestFromOpenApi>[0])
  }

  async function call(name: string, input: CallInput = {}): Promise<ClientResult<unknown>> {
    const limit = AbortSignal.timeout(input.timeout ?? options.timeout ?? 30_000)
    const signal = input.signal === undefined ? limit : AbortSignal.any([input.signal, limit])
    try {
      const operation = (await loadManifest(signal))[name]
      if (operation === undefined) return failure(0, 'CLIENT_UNKNOWN_OPERATION', `The API has no operation ${name}.`)
      return await attempt(operation, input, signal)
    } catch (error) {
      if (input.signal?.aborted === true) return failure(0, 'ABORTED', 'The call was aborted.')
      if (limit.aborted) return failure(0, 'TIMEOUT', 'The call took too long.')
      return failure(0, 'NETWORK_ERROR', error instanceof Error ? error.message : String(error))
    }
  }

  async function attempt({ method, path }: { method: string; path: string }, input: CallInput, signal: AbortSignal): Promise<ClientResult<unknown>> {
    const url = base + fillPath(path, input.params ?? {}) + queryOf(input.query ?? {})
    const init = { method, signal, ...bodyOf(input.body) }
    let tries = safe.has(method) ? (options.retries ?? 2) : 0
    while (true) {
      const headers = new Headers({ accept: 'application/json', ...options.headers, ...init.headers, ...stringsOf(input.headers ?? {}) })
      const token = typeof options.token === 'function' ? await options.token() : options.token
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      let response: Response
      try {
        response = await send(url, { ...init, headers })
      } catch (error) {
        if (tries-- <= 0 || signal.aborted) throw error
        await pause(backoff(tries, null), signal)
        continue
      }
      if (!passing.has(response.status) || tries-- <= 0) return readAnswer(response)
      await response.body?.cancel()
      await pause(backoff(tries, response.headers.get('retry-after')), signal)
    }
  }

  const proxy = (keys: readonly string[]): unknown =>
    new Proxy(() => {}, {
      get: (_, key) => (typeof key === 'symbol' || (keys.length === 0 && key === 'then') ? undefined : proxy([...keys, key])),
      apply: (_, __, [input]) => call(keys.join('.'), input as CallInput | undefined),
    })
  return proxy([]) as Client<Routes>
}

async function readAnswer(response: Response): Promise<ClientResult<unknown>> {
  const { status, headers } = response
  const requestId = headers.get('x-request-id') ?? undefined
  const type = headers.get('content-type') ?? ''
  const text = status === 204 ? '' : await response.text()
  let body: unknown = text === '' ? undefined : text
  if (/[/+]json/.test(type) && text !== '') {
    try {
      body = JSON.parse(text)
    } catch {
      return { ...failure(status, 'INVALID_ANSWER', 'The answer is not the JSON it says it is.', requestId), headers }
    }
  }
  if (response.ok) return { ok: true, status, body, headers, requestId }
  if (typeof body === 'object' && body !== null && 'code' in body && 'status' in body) return { ok: false, status, error: body as Problem, headers, requestId }
  return { ...failure(status, 'UNKNOWN', `The server answered ${status}.`, requestId), headers }
}

function failure(status: number, code: string, detail: string, requestId?: string): Extract<ClientResult<never>, { ok: false }> {
  return { ok: false, status, error: { type: 'about:blank', title: code, status, detail, code, requestId: requestId ?? '' }, headers: new Headers(), requestId }
}

function fillPath(pattern: string, params: Readonly<Record<string, unknown>>): string {
  return pattern
    .split('/')
    .map((segment) => {
      const param = /^:(\w+)(?:\(.*\))?\??$/.exec(segment)?.[1]
      if (param !== undefined) return params[param] === undefined ? '' : encodeURIComponent(String(params[param]))
      const rest = /^\*(\w*)$/.exec(segment)?.[1]
      return rest === undefined ? segment : String(params[rest || '*'] ?? '').split('/').map(encodeURIComponent).join('/')
    })
    .join('/')
    .replace(/(.)\/+$/, '$1')
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) search.append(name, one instanceof Date ? one.toISOString() : String(one))
  return search.size === 0 ? '' : `?${search.toString()}`
}

function bodyOf(body: unknown): { body?: NonNullable<RequestInit['body']>; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} }
  if (body instanceof FormData || body instanceof Blob || body instanceof URLSearchParams) return { body, headers: {} }
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
}

function stringsOf(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]))
}

/** What the server asks for, at most 10 s, else 100, 200, 400 … ms with full jitter. */
function backoff(left: number, retryAfter: string | null): number {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter)
  return Number.isFinite(seconds) ? Math.min(seconds * 1_000, 10_000) : Math.random() * 400 * 2 ** Math.max(0, 2 - left)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      if (signal.aborted) reject(signal.reason as Error)
      else resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
