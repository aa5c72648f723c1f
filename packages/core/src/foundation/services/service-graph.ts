import { fail } from '../errors/catalog.ts'
import { GluefulError } from '../errors/define-errors.ts'
import { suggest } from '../errors/suggest.ts'
import type { Provider } from './provide.ts'
import type { Service, Use } from './service.ts'
import { reasonOf } from './stop-service.ts'

export type Token = Service<unknown>

/** A singleton that has been constructed. */
export interface Singleton {
  readonly provider: Provider
  readonly value: unknown
  /** It or something it depends on has to be started before it can be used. */
  readonly waits: boolean
  state: 'constructed' | 'started' | 'stopped'
}

/** Constructs the singletons and knows who uses whom. */
export interface ServiceGraph {
  readonly providers: ReadonlyMap<Token, Provider>
  /** Constructed singletons in dependency order, with those that a fake has since replaced. */
  readonly order: readonly Singleton[]
  /** What each service asked for in its factory. */
  readonly uses: ReadonlyMap<Token, Set<Token>>
  /** The present value of a token, unless it is a fake or was replaced by one. */
  find(token: Token): Singleton | undefined
  /** Constructs every singleton that is not there yet. */
  constructAll(): void
  /** Forgets the singletons that were made, directly or not, with the value of `token`, and constructs them again. */
  renewDependents(token: Token): void
  missing(token: Token, trail: readonly Token[]): Error
}

export function createServiceGraph(list: readonly Provider[], fakes: ReadonlyMap<Token, unknown>, useLater: Use): ServiceGraph {
  const providers = new Map<Token, Provider>()
  for (const provider of list) {
    if (providers.has(provider.token)) throw fail('SERVICE_PROVIDED_TWICE', { name: provider.token.name })
    providers.set(provider.token, provider)
  }
  const present = new Map<Token, Singleton>()
  const uses = new Map<Token, Set<Token>>(list.map(({ token }) => [token, new Set()]))
  // A factory is done only after all that it used, so the order of construction is the order of dependency.
  const order: Singleton[] = []

  function missing(token: Token, trail: readonly Token[]): Error {
    const names = Array.from(providers.keys(), ({ name }) => name)
    return fail('SERVICE_MISSING', { name: token.name, path: pathOf([...trail, token]), suggestion: suggest(token.name, names) })
  }

  function construct(token: Token, trail: readonly Token[]): Singleton {
    const provider = providers.get(token)
    if (provider === undefined) throw missing(token, trail)
    const path = [...trail, token]
    if (provider.lifetime === 'request') throw fail('SERVICE_SCOPE_MISMATCH', { name: token.name, path: pathOf(path) })
    refuseCycle(token, trail)
    const used = new Set<Token>()
    uses.set(token, used)
    let waits = provider.start !== undefined
    let made = false
    const use: Use = (next) => {
      // A factory may keep `use` and ask when it is called: that is no dependency, and allows circles.
      if (made) return useLater(next)
      used.add(next)
      if (fakes.has(next)) return fakes.get(next) as never
      const dependency = present.get(next) ?? construct(next, path)
      waits ||= dependency.waits
      return dependency.value as never
    }
    const value = create(provider, use, path)
    made = true
    const singleton: Singleton = { provider, value, waits, state: 'constructed' }
    present.set(token, singleton)
    order.push(singleton)
    return singleton
  }

  function constructAll(): void {
    for (const { token, lifetime } of providers.values()) {
      if (lifetime === 'singleton' && !fakes.has(token) && !present.has(token)) construct(token, [])
    }
  }

  function renewDependents(token: Token): void {
    present.delete(token)
    const stale = new Set<Token>([token])
    // A dependent comes after what it depends on, so one pass finds all.
    for (const { provider } of order) {
      const used = uses.get(provider.token) ?? []
      if (present.has(provider.token) && [...used].some((each) => stale.has(each))) stale.add(provider.token)
    }
    for (const each of stale) present.delete(each)
    constructAll()
  }

  return { providers, order, uses, find: (token) => present.get(token), constructAll, renewDependents, missing }
}

/** @throws `SERVICE_CYCLE` when `token` is being made already. */
export function refuseCycle(token: Token, trail: readonly Token[]): void {
  const start = trail.indexOf(token)
  if (start !== -1) throw fail('SERVICE_CYCLE', { path: pathOf([...trail.slice(start), token]) })
}

function create(provider: Provider, use: Use, path: readonly Token[]): unknown {
  const { name } = provider.token
  let value: unknown
  try {
    value = provider.create({ use })
  } catch (cause) {
    if (cause instanceof GluefulError) throw cause
    throw fail('SERVICE_CREATE_FAILED', { name, path: pathOf(path), reason: reasonOf(cause) }, { cause })
  }
  refusePromise(name, value)
  return value
}

/** @throws `SERVICE_FACTORY_ASYNC` when a factory returned a promise. */
export function refusePromise(name: string, value: unknown): void {
  const then = (value as { then?: unknown } | null | undefined)?.then
  if (typeof then !== 'function') return
  // It may reject, and nobody else will listen.
  void Promise.resolve(value).catch(() => undefined)
  throw fail('SERVICE_FACTORY_ASYNC', { name })
}

function pathOf(tokens: readonly Token[]): string {
  return tokens.map(({ name }) => name).join(' → ')
}
