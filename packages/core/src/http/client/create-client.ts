import { suggest } from '../../foundation/errors/suggest.ts'
import type { RouteTree } from '../context/route.ts'
import { buildRequest, type RequestInput } from './build-request.ts'
import type { CallOptions, Client, ClientResult } from './client-types.ts'
import { CallFailed, failure } from './failure.ts'
import { manifestFromOpenApi, toManifest, type RouteManifest } from './manifest.ts'
import { readAnswer } from './read-answer.ts'
import { retryDelay, type RetryRules } from './retry-rules.ts'

export interface ClientOptions {
  /** Sent as `Authorization: Bearer …`; a function is asked before each try. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>)
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the global fetch. */
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>
  /** In ms, over all tries of a call. Default: 30,000. */
  readonly timeout?: number
  /**
   * More tries when the network fails or the server answers 429, 502, 503 or 504; `Retry-After` is kept. GET, HEAD, PUT,
   * DELETE and requests with an Idempotency-Key are repeated, others only after 429. A number stands for `attempts`.
   * Default: 2.
   */
  readonly retries?: number | RetryRules
  /** Where the operations are: `routeManifest(routes)`, or the routes. Default: read once from `/openapi.json` of the API. */
  readonly routes?: RouteManifest | RouteTree
}

const manifestTimeout = 10_000

/**
 * A client with the types of the server's own route values. Calls never throw for what the network or the server does:
 * they resolve to a body, or to a problem document. Runs in browsers as well.
 *
 * @example
 * const api = createClient<typeof routes>('https://api.example.com', { token })
 * const answer = await api.cars.show({ params: { id } })
 * if (answer.ok) console.log(answer.body.make)
 * else console.error(answer.error.code, answer.requestId)
 */
export function createClient<Routes extends RouteTree>(baseUrl: string, options: ClientOptions = {}): Client<Routes> {
  const base = baseUrl.replace(/\/+$/, '')
  const send = options.fetch ?? ((input: string, init: RequestInit) => fetch(input, init))
  let manifest: Promise<RouteManifest> | undefined = options.routes === undefined ? undefined : Promise.resolve(toManifest(options.routes))

  async function call(name: string, input: RequestInput & CallOptions = {}): Promise<ClientResult<unknown>> {
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), input.timeout ?? options.timeout ?? 30_000)
    const signal = input.signal === undefined ? limit.signal : AbortSignal.any([input.signal, limit.signal])
    try {
      return await attempt(await find(name, signal), input, signal)
    } catch (error) {
      if (error instanceof CallFailed) return error.result
      if (input.signal?.aborted === true) return failure('ABORTED', 'The call was aborted.')
      if (limit.signal.aborted) return failure('TIMEOUT', 'The call took too long.')
      return failure('NETWORK_ERROR', messageOf(error))
    } finally {
      clearTimeout(timer)
    }
  }

  async function find(name: string, signal: AbortSignal): Promise<{ method: string; path: string }> {
    // Calls share the manifest, so that none of them may abort it.
    manifest ??= readManifest().catch((error: unknown) => {
      manifest = undefined
      throw new CallFailed(
        'CLIENT_MANIFEST_UNAVAILABLE',
        `${base}/openapi.json cannot be read: ${messageOf(error)}. Give the client its routes: createClient(url, { routes: routeManifest(routes) }).`,
      )
    })
    const known = await abortable(manifest, signal)
    if (Object.hasOwn(known, name)) return known[name] as { method: string; path: string }
    const close = suggest(name, Object.keys(known))
    throw new CallFailed('CLIENT_UNKNOWN_OPERATION', `The API has no operation '${name}'.${close === undefined ? '' : ` Did you mean '${close}'?`}`)
  }

  async function readManifest(): Promise<RouteManifest> {
    const headers = new Headers({ accept: 'application/json', ...options.headers })
    await authorize(headers)
    const response = await send(`${base}/openapi.json`, { headers, signal: AbortSignal.timeout(manifestTimeout) })
    if (!response.ok) throw new TypeError(`it answers ${response.status}`)
    return manifestFromOpenApi(await response.json())
  }

  async function attempt({ method, path }: { method: string; path: string }, input: RequestInput, signal: AbortSignal): Promise<ClientResult<unknown>> {
    const { target, headers, body } = buildRequest(path, input, options.headers ?? {})
    for (let tried = 0; ; tried++) {
      await authorize(headers)
      const [response, error] = await send(base + target, { method, headers, signal, ...(body === undefined ? {} : { body }) }).then(
        (answer) => [answer, undefined] as const,
        (reason: unknown) => [undefined, reason] as const,
      )
      const delay = signal.aborted ? undefined : retryDelay(method, headers, tried, response, options.retries)
      if (delay === undefined) {
        if (response === undefined) throw error
        return readAnswer(response)
      }
      await response?.body?.cancel()
      await pause(delay, signal)
    }
  }

  async function authorize(headers: Headers): Promise<void> {
    let token = options.token
    try {
      if (typeof token === 'function') token = await token()
    } catch (error) {
      throw new CallFailed('CLIENT_TOKEN_UNAVAILABLE', `There is no token: ${messageOf(error)}`)
    }
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  }

  return operations([], call) as Client<Routes>
}

/** Every key path is an operation; which of them exist, the manifest knows when one is called. */
function operations(keys: readonly string[], call: (name: string, input?: RequestInput) => unknown): unknown {
  const members = new Map<string, unknown>()
  return new Proxy(() => {}, {
    get: (_, key) => {
      // With `then`, an awaited client would be taken for a promise.
      if (typeof key === 'symbol' || key === 'then') return undefined
      let member = members.get(key)
      if (member === undefined) members.set(key, (member = operations([...keys, key], call)))
      return member
    },
    apply: (_, __, [input]) => call(keys.join('.'), input as RequestInput | undefined),
  })
}

/** As `pause`, so that an abort is heard while somebody else's work goes on. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return abortable(over, signal).finally(() => clearTimeout(timer))
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
