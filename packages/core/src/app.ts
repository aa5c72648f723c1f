import { boot, type Booted, type OperateOptions } from './app/boot.ts'
import type { AppDefinition, AppOverrides } from './app/definition.ts'
import { asksSources, readSource } from './app/read-configuration.ts'
import { fail } from './foundation/errors/catalog.ts'
import type { EventBus } from './foundation/events/event-bus.ts'
import type { Logger } from './foundation/logging/logger.ts'
import type { Service } from './foundation/services/service.ts'
import type { SettingsSource } from './foundation/settings/read-settings.ts'
import type { CoreSettings } from './foundation/settings/core-settings.ts'
import type { CompiledRoute, RouteTree } from './http/context/route.ts'
import type { OpenApiDocument } from './http/openapi/build-openapi.ts'
import type { FetchInfo } from './server/fetch-context.ts'
import type { ServedVersions } from './traffic/version/api-versions.ts'
import type { Listening, ListenOptions } from './server/listen.ts'

/** An application: described once, booted on first use, served through sockets or as a fetch handler. */
export interface App<Routes extends RouteTree = RouteTree> {
  readonly kind: 'app'
  readonly definition: AppDefinition<Routes>
  /**
   * Asks the application's `secretSources`. Done by `ready`; needed before what answers at once (`routes`, `openapi`, `log` …)
   * where there are some.
   */
  configure(): Promise<void>
  /** Reads settings, compiles the routes and starts the services; done once, and by `fetch` and `listen` where needed. */
  ready(): Promise<void>
  /** The application as a web-standard handler; answers as the socket does. */
  fetch(request: Request, info?: FetchInfo): Promise<Response>
  /** Serves HTTP. Default: HOST and PORT of the settings. */
  listen(options?: ListenOptions): Promise<Listening>
  /**
   * For a process that serves no requests, such as a worker: answers `/metrics` and the health routes on a port, and nothing
   * else, or leaves its numbers to its supervisor. Undefined where no port is given.
   * @throws `PORT_UNAVAILABLE`
   */
  operate(options?: OperateOptions): Promise<Listening | undefined>
  /** Stops serving and disposes the services in reverse; at most SHUTDOWN_TIMEOUT. */
  close(): Promise<void>
  /** A service of the booted application. */
  use<T>(token: Service<T>): T
  /** Replaces a service, for tests. */
  swap<T>(token: Service<T>, value: T): void
  /** What is served, in order of declaration. */
  routes(): readonly CompiledRoute[]
  /** The path of a named route: `app.url('cars.show', { id })`. */
  url(name: string, params?: Readonly<Record<string, string | number>>, query?: Readonly<Record<string, string | number | boolean>>): string
  /** Of one version, where the application has versions; default: their default. */
  openapi(version?: string): OpenApiDocument
  /** The versions that are served, and the file that `glueful api version deprecate` writes; undefined without versions. */
  versions(): (ServedVersions & { readonly file: string }) | undefined
  /** The framework's own settings, as read. */
  coreSettings(): CoreSettings
  log(): Logger
  /** The bus that carries its events: to add listeners, wait for deferred ones, or record what is emitted. */
  events(): EventBus
  /** A second application of the same definition with other surroundings; tests and commands use it. */
  with(overrides: AppOverrides): App<Routes>
}

/**
 * Describes an application. Nothing is read or started until it is used, so importing `app.ts` is always safe.
 *
 * @example
 * export default createApp({ name: 'shop', routes: { hello: route.get('/hello', () => ({ hello: 'world' })) } })
 */
export function createApp<const Routes extends RouteTree>(definition: AppDefinition<Routes>): App<Routes> {
  return instantiate(definition, {})
}

function instantiate<Routes extends RouteTree>(definition: AppDefinition<Routes>, overrides: AppOverrides): App<Routes> {
  let booted: Booted | undefined
  let source: SettingsSource | undefined
  let configuring: Promise<void> | undefined
  let starting: Promise<void> | undefined
  const swaps = [...(overrides.swaps ?? [])]

  /** Compiles without starting services: enough to list routes and render OpenAPI. */
  function compiled(): Booted {
    return (booted ??= boot(definition, { ...overrides, swaps }, source))
  }

  const configure = () => (configuring ??= readSource(definition, overrides).then((found) => void (source = found)))
  function ready(): Promise<void> {
    try {
      return (starting ??= asksSources(definition, overrides) ? configure().then(() => compiled().start()) : compiled().start())
    } catch (error) {
      // Mistakes in the description are found at once, and told as any other failure of the start.
      return Promise.reject(error as Error)
    }
  }

  return {
    kind: 'app',
    definition,
    configure,
    ready,
    async fetch(request, info) {
      await ready()
      return compiled().fetch(request, info)
    },
    async listen(options = {}) {
      await ready()
      return compiled().listen(options)
    },
    async operate(options = {}) {
      await ready()
      return compiled().operate(options)
    },
    async close() {
      if (booted === undefined) return
      await starting?.catch(() => undefined)
      await booted.stop()
    },
    use: (token) => {
      if (booted === undefined) throw fail('APP_NOT_READY', { asked: `service ${token.name}` })
      return booted.runtime.use(token)
    },
    swap: (token, value) => {
      if (booted === undefined) swaps.push({ token, value })
      else booted.swap(token, value)
    },
    routes: () => compiled().routes,
    url: (name, params, query) => compiled().url(name, params, query),
    coreSettings: () => compiled().settings,
    log: () => compiled().runtime.log,
    events: () => compiled().events,
    openapi: (version) => compiled().openapi(version),
    versions: () => compiled().versions,
    with: (more) => instantiate(definition, { ...overrides, ...more, swaps: [...swaps, ...(more.swaps ?? [])] }),
  }
}
