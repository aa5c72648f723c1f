import { fail } from '../errors/catalog.ts'
import { suggest } from '../errors/suggest.ts'
import type { Provider } from './provide.ts'
import type { Service, Use } from './service.ts'

/** Where request-lifetime services keep their values: one for each request. */
export interface RequestScope {
  readonly scope: Map<Service<unknown>, unknown>
}

export interface Container {
  readonly use: Use
  /** As `use`, and request-lifetime services are found too. */
  useIn<T>(token: Service<T>, request: RequestScope): T
  /** Starts what was constructed, dependencies first; a failure stops what had started. */
  start(): Promise<void>
  /** Stops in reverse order; one that fails or hangs keeps no other from stopping, and all failures are reported together. */
  stop(): Promise<void>
  /** Disposes a request's values, latest first. */
  endRequest(request: RequestScope): Promise<void>
  swap<T>(token: Service<T>, value: T): void
  /** Every provided service with what it uses. */
  describe(): readonly { readonly name: string; readonly lifetime: string; readonly uses: readonly string[] }[]
}

export interface ContainerOptions {
  /** For each service, in ms. Default: 10,000. */
  readonly stopTimeout?: number
}

interface Built {
  readonly provider: Provider
  readonly value: unknown
}

type Token = Service<unknown>

/**
 * Constructs all singletons at once, so that what is missing, circular or of the wrong lifetime is known at boot.
 * @throws `SERVICE_PROVIDED_TWICE`, `SERVICE_MISSING`, `SERVICE_CYCLE`, `SERVICE_SCOPE_MISMATCH`
 */
export function createContainer(providers: readonly Provider[], { stopTimeout = 10_000 }: ContainerOptions = {}): Container {
  const byToken = new Map<Token, Provider>()
  for (const provider of providers) {
    if (byToken.has(provider.token)) throw fail('SERVICE_PROVIDED_TWICE', { name: provider.token.name })
    byToken.set(provider.token, provider)
  }
  // Insertion order is dependency order: a factory is done only after all that it used.
  const built = new Map<Token, Built>()
  const swapped = new Map<Token, unknown>()
  const uses = new Map<Token, Set<string>>()
  const path: Token[] = []
  let started: Built[] = []

  function missing(token: Token): Error {
    const names = [...byToken.keys()].map((known) => known.name)
    return fail('SERVICE_MISSING', { name: token.name, path: [...path, token].map((step) => step.name).join(' → '), suggestion: suggest(token.name, names) })
  }

  function construct(token: Token): unknown {
    const provider = byToken.get(token)
    if (provider === undefined) throw missing(token)
    if (provider.lifetime === 'request') throw fail('SERVICE_SCOPE_MISMATCH', { name: token.name, path: [...path, token].map((step) => step.name).join(' → ') })
    if (path.includes(token)) throw fail('SERVICE_CYCLE', { path: [...path.slice(path.indexOf(token)), token].map((step) => step.name).join(' → ') })
    path.push(token)
    const value = provider.create({ use: recordingUse(token, useSingleton) })
    path.pop()
    built.set(token, { provider, value })
    return value
  }

  function recordingUse(from: Token, find: Use): Use {
    return (token) => {
      let names = uses.get(from)
      if (names === undefined) uses.set(from, (names = new Set()))
      names.add(token.name)
      return find(token)
    }
  }

  function useSingleton<T>(token: Service<T>): T {
    if (swapped.has(token)) return swapped.get(token) as T
    const there = built.get(token)
    return (there === undefined ? construct(token) : there.value) as T
  }

  function useIn<T>(token: Service<T>, request: RequestScope): T {
    const there = built.get(token)
    if (there !== undefined && swapped.size === 0) return there.value as T
    if (swapped.has(token)) return swapped.get(token) as T
    if (byToken.get(token)?.lifetime !== 'request') return useSingleton(token)
    return useScoped(token, request, [])
  }

  function useScoped<T>(token: Service<T>, request: RequestScope, trail: readonly Token[]): T {
    if (swapped.has(token)) return swapped.get(token) as T
    const provider = byToken.get(token)
    if (provider?.lifetime !== 'request') return useSingleton(token)
    if (request.scope.has(token)) return request.scope.get(token) as T
    if (trail.includes(token)) throw fail('SERVICE_CYCLE', { path: [...trail.slice(trail.indexOf(token)), token].map((step) => step.name).join(' → ') })
    const value = provider.create({ use: recordingUse(token, (next) => useScoped(next, request, [...trail, token])) })
    request.scope.set(token, value)
    return value as T
  }

  async function stopAll(list: readonly Built[]): Promise<void> {
    const failures: string[] = []
    const causes: unknown[] = []
    for (const { provider, value } of list.toReversed()) {
      try {
        await withDeadline(dispose(provider, value), stopTimeout, provider.token.name)
      } catch (error) {
        failures.push(`${provider.token.name} (${error instanceof Error ? error.message : String(error)})`)
        causes.push(error)
      }
    }
    if (failures.length > 0) throw fail('SERVICE_STOP_FAILED', { failures }, { cause: causes.length === 1 ? causes[0] : new AggregateError(causes) })
  }

  async function start(): Promise<void> {
    for (const entry of built.values()) {
      if (swapped.has(entry.provider.token)) continue
      try {
        await entry.provider.start?.(entry.value)
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        await stopAll(started).catch(() => undefined)
        started = []
        throw fail('SERVICE_START_FAILED', { name: entry.provider.token.name, reason }, { cause })
      }
      started.push(entry)
    }
  }

  for (const provider of byToken.values()) if (provider.lifetime === 'singleton' && !built.has(provider.token)) construct(provider.token)

  return {
    use: useSingleton,
    useIn,
    start,
    stop: async () => {
      const list = started
      started = []
      await stopAll(list)
    },
    endRequest: async ({ scope }) => {
      const values = [...scope].reverse()
      scope.clear()
      for (const [token, value] of values) {
        const provider = byToken.get(token)
        if (provider !== undefined) await dispose(provider, value)
      }
    },
    swap: (token, value) => void swapped.set(token, value),
    describe: () => [...byToken.values()].map(({ token, lifetime }) => ({ name: token.name, lifetime, uses: [...(uses.get(token) ?? [])] })),
  }
}

async function dispose(provider: Provider, value: unknown): Promise<void> {
  if (provider.stop !== undefined) return provider.stop(value)
  const disposable = value as { [Symbol.asyncDispose]?: () => Promise<void>; [Symbol.dispose]?: () => void } | null | undefined
  if (typeof disposable?.[Symbol.asyncDispose] === 'function') await disposable[Symbol.asyncDispose]?.()
  else if (typeof disposable?.[Symbol.dispose] === 'function') disposable[Symbol.dispose]?.()
}

async function withDeadline(work: Promise<void>, timeout: number, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(fail('SERVICE_STOP_TIMEOUT', { name, timeoutMs: timeout })), timeout)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
