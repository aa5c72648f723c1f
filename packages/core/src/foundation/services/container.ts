import { withDeadline } from '../concurrency/with-deadline.ts'
import { fail } from '../errors/catalog.ts'
import type { Logger } from '../logging/logger.ts'
import type { Provider } from './provide.ts'
import type { RequestScope } from './request-scope.ts'
import { createRequestServices } from './request-services.ts'
import type { Service, Use } from './service.ts'
import { createServiceGraph, type Singleton, type Token } from './service-graph.ts'
import { reasonOf, stopFailed, stopService, type StopFailure } from './stop-service.ts'

export type { RequestScope } from './request-scope.ts'

export interface Container {
  /** @throws `SERVICE_NOT_STARTED`, `SERVICE_STOPPED`, `SERVICE_MISSING`, `SERVICE_SCOPE_MISMATCH` */
  readonly use: Use
  /** As `use`, and request-lifetime services are found too. */
  useIn<T>(token: Service<T>, request: RequestScope): T
  /**
   * Starts the services one after the other, dependencies first; further calls return the same promise.
   * @throws `SERVICE_START_FAILED`, after what had started was stopped; `SERVICES_STOPPED` when `stop` came before or meanwhile
   */
  start(): Promise<void>
  /**
   * Stops in the exact reverse order; one that fails or hangs keeps no other from stopping. A start that is under way is
   * aborted first. Further calls return the same promise.
   * @throws `SERVICE_STOP_FAILED` for all failures together
   */
  stop(): Promise<void>
  /**
   * Stops a request's values, latest first.
   * @throws `SERVICE_STOP_FAILED` for all failures together
   */
  endRequest(request: RequestScope): Promise<void>
  /**
   * Replaces a service, for tests. Before `start`, everything made with the original is made again with `value`, and the
   * original is never started; afterwards, whoever asks from now on gets `value`. A fake is neither started nor stopped.
   */
  swap<T>(token: Service<T>, value: T): void
  /** Whether `use` knows the token, now or once it is started. */
  provides(token: Service<unknown>): boolean
  /** Every provided service with what its factory asked for. */
  describe(): readonly ServiceDescription[]
}

export interface ServiceDescription {
  readonly name: string
  readonly lifetime: 'singleton' | 'request'
  readonly uses: readonly string[]
}

export interface ContainerOptions {
  /** For each service, in ms. Default: 30,000. */
  readonly startTimeout?: number
  /** For each service, in ms. Default: 10,000. */
  readonly stopTimeout?: number
  /** Fakes that are there from the beginning; their originals are not even constructed. */
  readonly swaps?: readonly { readonly token: Service<unknown>; readonly value: unknown }[]
  /** Told at level debug what starts and stops. */
  readonly log?: Logger
}

/**
 * Constructs all singletons at once, so that what is missing, circular or of the wrong lifetime is known at boot.
 *
 * @throws `SERVICE_PROVIDED_TWICE`, `SERVICE_MISSING`, `SERVICE_CYCLE`, `SERVICE_SCOPE_MISMATCH`, `SERVICE_CREATE_FAILED`,
 * `SERVICE_FACTORY_ASYNC`
 */
export function createContainer(providers: readonly Provider[], options: ContainerOptions = {}): Container {
  const { startTimeout = 30_000, stopTimeout = 10_000, swaps = [], log } = options
  const fakes = new Map<Token, unknown>(swaps.map(({ token, value }) => [token, value]))
  const graph = createServiceGraph(providers, fakes, use)
  // What `use` gives out: the one lookup that a request pays.
  const available = new Map<Token, unknown>()
  const stopRequest = new AbortController()
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  function use<T>(token: Service<T>): T {
    return (available.get(token) ?? whyUnavailable(token, [])) as T
  }

  /** Only values that are `undefined` or `null` come back from here. */
  function whyUnavailable(token: Token, trail: readonly Token[]): unknown {
    if (available.has(token)) return available.get(token)
    const { name } = token
    const provider = graph.providers.get(token)
    if (provider === undefined) throw graph.missing(token, trail)
    if (graph.find(token)?.state === 'stopped' || stopRequest.signal.aborted) throw fail('SERVICE_STOPPED', { name })
    if (provider.lifetime === 'request') throw fail('SERVICE_SCOPE_MISMATCH', { name, path: name })
    throw fail('SERVICE_NOT_STARTED', { name })
  }

  const requests = createRequestServices({
    graph,
    isOpen: () => !stopRequest.signal.aborted,
    useSingleton: (token, trail) => available.get(token) ?? whyUnavailable(token, trail),
    isFake: (token) => fakes.has(token),
    stopTimeout,
  })

  function offer(): void {
    for (const [token, value] of fakes) available.set(token, value)
    for (const singleton of graph.order) {
      const { provider, value, waits } = singleton
      if (!waits && graph.find(provider.token) === singleton) available.set(provider.token, value)
    }
  }

  async function startAll(): Promise<void> {
    for (const singleton of graph.order) {
      stopRequest.signal.throwIfAborted()
      const { provider, value } = singleton
      if (graph.find(provider.token) !== singleton || fakes.has(provider.token)) continue
      await startOne(singleton)
      available.set(provider.token, value)
    }
  }

  async function startOne(singleton: Singleton): Promise<void> {
    const { provider, value } = singleton
    const { name } = provider.token
    if (provider.start === undefined) return
    let attempt: Promise<void> | undefined
    try {
      await withDeadline((signal) => (attempt = (async () => provider.start?.(value, { signal }))()), {
        ms: startTimeout,
        signal: stopRequest.signal,
        expired: (timeoutMs) => fail('SERVICE_START_TIMEOUT', { name, timeoutMs }),
      })
    } catch (cause) {
      // One that is given up may start after all, too late: then nobody else would stop it.
      void attempt?.then(() => stopService(provider, value, stopTimeout)).catch(() => undefined)
      stopRequest.signal.throwIfAborted()
      const failures = await release()
      throw fail(
        'SERVICE_START_FAILED',
        { name, reason: reasonOf(cause) },
        {
          cause: failures.length === 0 ? cause : new AggregateError([cause, stopFailed(failures)], 'A service did not start, and others did not stop.'),
        },
      )
    }
    singleton.state = 'started'
    log?.debug({ service: name }, 'Service started')
  }

  /** Stops what was started, or needs no start to hold something, in reverse. */
  async function release(): Promise<StopFailure[]> {
    const failures: StopFailure[] = []
    for (const singleton of graph.order.toReversed()) {
      const { provider, value, state } = singleton
      const holds = state === 'started' || (state === 'constructed' && provider.start === undefined)
      if (graph.find(provider.token) === singleton && !fakes.has(provider.token)) available.delete(provider.token)
      singleton.state = 'stopped'
      if (!holds) continue
      const failure = await stopService(provider, value, stopTimeout)
      if (failure !== undefined) failures.push(failure)
      log?.debug({ service: provider.token.name }, 'Service stopped')
    }
    available.clear()
    return failures
  }

  async function stopAll(): Promise<void> {
    stopRequest.abort(fail('SERVICES_STOPPED', undefined))
    await starting?.catch(() => undefined)
    const failures = await release()
    if (failures.length > 0) throw stopFailed(failures)
  }

  graph.constructAll()
  offer()

  return {
    use,
    useIn: <T>(token: Service<T>, request: RequestScope): T => (available.get(token) ?? requests.use(token, request)) as T,
    start: () => (starting ??= startAll()),
    stop: () => (stopping ??= stopAll()),
    endRequest: requests.end,
    swap: (token, value) => {
      if (stopRequest.signal.aborted) throw fail('SERVICE_STOPPED', { name: token.name })
      fakes.set(token, value)
      if (starting === undefined) {
        graph.renewDependents(token)
        offer()
      } else available.set(token, value)
    },
    provides: (token) => fakes.has(token) || graph.providers.has(token),
    describe: () =>
      Array.from(graph.providers.values(), ({ token, lifetime }) => ({
        name: token.name,
        lifetime,
        uses: Array.from(graph.uses.get(token) ?? [], ({ name }) => name),
      })),
  }
}
