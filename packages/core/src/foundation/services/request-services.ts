import { fail } from '../errors/catalog.ts'
import type { RequestScope } from './request-scope.ts'
import { refuseCycle, refusePromise, type ServiceGraph, type Token } from './service-graph.ts'
import type { Use } from './service.ts'
import { stopFailed, stopService, type StopFailure } from './stop-service.ts'

export interface RequestServiceParts {
  readonly graph: ServiceGraph
  /** False once the services are being stopped. */
  readonly isOpen: () => boolean
  /** Any service that is not of the request; `trail` is who asks. */
  readonly useSingleton: (token: Token, trail: readonly Token[]) => unknown
  readonly isFake: (token: Token) => boolean
  readonly stopTimeout: number
}

/** Makes the values of request-lifetime services when a request first asks, and stops them when it ends. */
export function createRequestServices({ graph, isOpen, useSingleton, isFake, stopTimeout }: RequestServiceParts) {
  const ended = new WeakSet<RequestScope['scope']>()

  function useFrom(token: Token, request: RequestScope, trail: readonly Token[]): unknown {
    const provider = graph.providers.get(token)
    if (provider?.lifetime !== 'request' || isFake(token)) return useSingleton(token, trail)
    const { scope } = request
    if (scope.has(token)) return scope.get(token)
    // Nothing would stop a value that is made from here on.
    if (ended.has(scope)) throw fail('SERVICE_REQUEST_ENDED', { name: token.name })
    if (!isOpen()) throw fail('SERVICE_STOPPED', { name: token.name })
    refuseCycle(token, trail)
    const path = [...trail, token]
    const use: Use = (next) => {
      graph.uses.get(token)?.add(next)
      return useFrom(next, request, path) as never
    }
    const value = provider.create({ use })
    refusePromise(token.name, value)
    scope.set(token, value)
    return value
  }

  async function end({ scope }: RequestScope): Promise<void> {
    const values = [...scope].reverse()
    scope.clear()
    ended.add(scope)
    const failures: StopFailure[] = []
    for (const [token, value] of values) {
      const provider = graph.providers.get(token)
      const failure = provider === undefined ? undefined : await stopService(provider, value, stopTimeout)
      if (failure !== undefined) failures.push(failure)
    }
    if (failures.length > 0) throw stopFailed(failures)
  }

  return { use: (token: Token, request: RequestScope) => useFrom(token, request, []), end }
}
