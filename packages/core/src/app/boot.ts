import { resolve } from 'node:path'
import { provideCache } from '../foundation/cache/provide-cache.ts'
import { systemClock } from '../foundation/clock.ts'
import { createEventBus, type EventBus } from '../foundation/events/event-bus.ts'
import { event, type Event } from '../foundation/events/event.ts'
import { refuseUnknownOptions } from '../foundation/errors/refuse-unknown-options.ts'
import { withTimeout } from '../foundation/concurrency/with-timeout.ts'
import { createAccessLog } from '../foundation/logging/access-log.ts'
import { provideBreakers } from '../foundation/breakers/provide-breakers.ts'
import { DatabaseLockStore } from '../foundation/locks/lock-store.ts'
import { provideLocks } from '../foundation/locks/provide-locks.ts'
import { breakerHealth } from '../operate/health/breaker-health.ts'
import { SecretValues } from '../foundation/logging/secret-values.ts'
import { createRedactor, Redaction, type Redactor } from '../foundation/logging/redact.ts'
import { createLogger, levels } from '../foundation/logging/create-logger.ts'
import { createLineWriter } from '../foundation/logging/line-writer.ts'
import type { Logger } from '../foundation/logging/logger.ts'
import { createMetrics, type Metrics } from '../foundation/metrics/metrics.ts'
import { createContainer } from '../foundation/services/container.ts'
import { chooseStore } from '../foundation/redis/choose-store.ts'
import { provideRedis } from '../foundation/redis/provide-redis.ts'
import { createSealing, Sealing } from '../foundation/sealing/sealing.ts'
import { provide } from '../foundation/services/provide.ts'
import { service, type Service } from '../foundation/services/service.ts'
import type { CoreSettings } from '../foundation/settings/core-settings.ts'
import type { SettingsSource } from '../foundation/settings/read-settings.ts'
import { Transactions } from '../foundation/transactions.ts'
import { Authorizer } from '../http/context/authorizer.ts'
import { createDraining, type Draining } from '../http/context/draining.ts'
import { createOriginResolver, type TrustProxy } from '../http/context/proxy-trust.ts'
import type { RouteOption } from '../http/context/route-option.ts'
import type { RouteOptions } from '../http/context/route-options.ts'
import type { CompiledRoute } from '../http/context/route.ts'
import { RuntimeService, type Runtime } from '../http/context/runtime.ts'
import { createKernel } from '../http/kernel.ts'
import type { OpenApiDocument, OpenApiOptions } from '../http/openapi/build-openapi.ts'
import { markedFields } from '../http/validation/marked-fields.ts'
import { createErrorRenderer } from '../http/problem/error-renderer.ts'
import { encode } from '../http/reply/encode.ts'
import { toReply } from '../http/reply/to-reply.ts'
import type { PathValues, QueryValues } from '../http/router/build-path.ts'
import { reportError } from '../operate/error-reporting/error-reporter.ts'
import { createHealth, type Readiness } from '../operate/health/health.ts'
import { addHealthMetrics } from '../operate/health/health-metrics.ts'
import { createHttpMetrics } from '../operate/metrics/http-metrics.ts'
import { createFetchDoor } from '../server/fetch-door.ts'
import type { Listening, ListenOptions } from '../server/listen.ts'
import { defaultDoorLimits } from '../server/node-door.ts'
import { requireReasons } from '../traffic/accepted-risks/accept-risks-option.ts'
import { createLoadMonitor, LoadMonitor, type OwnLoadMonitor } from '../traffic/load-shedding/load-monitor.ts'
import { createLimiter } from '../traffic/rate-limit/limiter.ts'
import { Cdn } from '../traffic/cache/cdn/cdn.ts'
import { provideCdn } from '../traffic/cache/cdn/provide-cdn.ts'
import { createPurger } from '../traffic/cache/cdn/purger.ts'
import { breakerRoutes } from './breaker-routes.ts'
import { serveVersions, type ServedVersions } from '../traffic/version/api-versions.ts'
import { readVersionsFile } from '../traffic/version/versions-file.ts'
import { createRouteCompiler } from './compile-routes.ts'
import { coreOptions } from './core-options.ts'
import { defaultOptions } from './default-options.ts'
import { appMembers, type AppDefinition, type AppOverrides } from './definition.ts'
import { createDescriber } from './describe-routes.ts'
import { Extensions } from './extension.ts'
import { createRouteFinder } from './find-route.ts'
import { gatherRoutes } from './gather-routes.ts'
import { createObserver } from './observe.ts'
import { operateRoutes } from './operate-routes.ts'
import { readConfiguration } from './read-configuration.ts'
import { createServers, type OperateRole } from './servers.ts'

/** The registry of metrics; extensions and applications add theirs: `use(Metrics).counter(…)`. */
export const MetricsService: Service<Metrics> = service<Metrics>('metrics')
/** The application's log, outside of requests. */
export const LoggerService: Service<Logger> = service<Logger>('logger')

/** The application serves HTTP; not emitted where it only answers `fetch` or runs a command. */
export const ServerListening: Event<{ readonly url: string }> = event<{ readonly url: string }>('server.listening')

/** How a process that serves no requests is asked how it does. */
export interface OperateOptions {
  /** 0 takes a free one. Default: none, and nothing is listened on. */
  readonly port?: number
  /** Default: 127.0.0.1. */
  readonly host?: string
  /**
   * Whose numbers these are: of this process (`alone`); of this process and its children, those that have ended included
   * (`supervisor`); or they are part of its parent's (`supervised`). Default: `alone`.
   */
  readonly role?: OperateRole
}

/** An application whose parts are put together. */
export interface Booted {
  readonly runtime: Runtime
  readonly settings: CoreSettings
  readonly routes: readonly CompiledRoute[]
  readonly metrics: Metrics
  start(): Promise<void>
  stop(): Promise<void>
  readonly fetch: ReturnType<typeof createFetchDoor>
  listen(options: ListenOptions): Promise<Listening>
  operate(options: OperateOptions): Promise<Listening | undefined>
  swap<T>(token: Service<T>, value: T): void
  url(name: string, params?: PathValues, query?: QueryValues): string
  openapi(version?: string): OpenApiDocument
  readonly versions: (ServedVersions & { readonly file: string }) | undefined
  readonly events: EventBus
}

/** Puts an application together, from its settings to its doors; opens nothing, and reads the environment where `source` is not it. */
export function boot(definition: AppDefinition, overrides: AppOverrides, source?: SettingsSource): Booted {
  refuseUnknownOptions<AppDefinition>('createApp', definition, appMembers)
  requireReasons(definition.acceptRisks, 'The application')
  const extensions = definition.extensions ?? []
  const clock = overrides.clock ?? systemClock
  const version = definition.version ?? '0.0.0'
  const title = definition.openapi?.title ?? definition.name

  const { environment, settings, declared, values } = readConfiguration(definition, overrides, source)

  // The ten frames that Node keeps are those of a query; the line of the application comes after them.
  if (environment === 'development') Error.stackTraceLimit = Math.max(Error.stackTraceLimit, 30)

  // logs and metrics
  const destination = overrides.logDestination ?? createLineWriter(1)
  const format = settings.logFormat ?? (environment === 'development' ? 'pretty' : 'json')
  const base = { service: definition.name, version, environment }
  const redactor = createRedactor(definition.redact?.names, definition.redact?.paths)
  redactor.hide(extensions.flatMap(({ redact }) => redact?.names ?? []))
  const log = createLogger({
    level: settings.logLevel,
    format,
    destination,
    clock,
    base,
    redactor,
  })
  const metrics = createMetrics()
  const servers = createServers(definition.name, metrics, log)
  const count = createHttpMetrics(metrics, servers.inFlight)
  const workers = metrics.gauge({ name: 'glueful_workers', help: 'Processes that serve the application.', labels: [] }).with()
  workers.set(1)

  // services and events
  let transactions: Transactions | undefined
  const events = createEventBus({
    listeners: [...(definition.listeners ?? []), ...extensions.flatMap((extension) => extension.listeners ?? [])],
    report: (error, event, listener, payload) => {
      const secrets = new SecretValues(redactor.hides)
      secrets.addFrom(payload)
      log.child({}, () => secrets.list()).error({ err: error, event, listener }, 'A listener failed')
    },
    log,
    // A transaction around the emitter may be over by then.
    detached: (work) => (transactions === undefined ? work() : transactions.outside(work)),
  })
  const redis = provideRedis({ settings, name: definition.name, log, metrics })
  const draining = createDraining()
  // Services may keep it; the container is its last part.
  const runtime = {
    name: definition.name,
    version,
    environment,
    clock,
    log,
    redact: redactor as Redactor,
    emit: events.emit,
    origin: createOriginResolver(definition.server?.trustProxy ?? trustOf(settings.trustProxy)),
    draining: draining as Draining,
    errorFormat: typeof definition.errors?.format === 'function' ? 'own' : (definition.errors?.format ?? 'problem'),
  } as Runtime
  const purger = createPurger(() => (runtime.provides(Cdn) ? runtime.use(Cdn) : undefined), { metrics, log })
  const container = createContainer(
    [
      ...declared.map((one) => provide(one as Service<unknown>, () => values.get(one))),
      provide(MetricsService, () => metrics),
      provide(LoggerService, () => log),
      provide(Redaction, () => redactor),
      provide(Sealing, () => createSealing(settings, environment)),
      provide(Extensions, () => extensions),
      provide(RuntimeService, () => runtime),
      ...redis.services,
      provideBreakers({ metrics, clock, log, hasRedis: settings.redisUrl !== undefined }),
      ...provideLocks({ clock, metrics, provides: (token) => container.provides(token) }),
      provide(LoadMonitor, createLoadMonitor, { stop: (monitor) => (monitor as OwnLoadMonitor).stop() }),
      ...provideCache({ surroundings: () => runtime, settings, clock, log, metrics, onFlush: purger.purge }),
      ...provideCdn(settings, log),
      ...extensions.flatMap((extension) => extension.services ?? []),
      ...(definition.services ?? []),
    ],
    { swaps: overrides.swaps ?? [], log, stopTimeout: settings.shutdownTimeout },
  )
  Object.assign(runtime, { use: container.use, useIn: container.useIn, provides: container.provides, endRequest: container.endRequest })
  // A choice that was made is checked now; one that was left open, when the first lock is wanted.
  if (settings.lockStore !== 'auto') chooseStore(runtime, 'lockStore', DatabaseLockStore)

  // routes
  let readiness: Readiness = 'booting'
  const health = createHealth({
    checks: [...redis.health, breakerHealth, ...(definition.health ?? []), ...extensions.flatMap((extension) => extension.health ?? [])],
    clock,
    version,
    readiness: () => readiness,
    use: container.use,
  })
  addHealthMetrics(metrics, health)
  const versionsFile = resolve(overrides.directory ?? '.', settings.apiVersionsFile)
  const versions = serveVersions(definition.versions, settings, () => readVersionsFile(versionsFile))
  const defaults: RouteOptions = { ...defaultOptions(settings, container.provides), ...definition.defaults }
  const strategies = [...(definition.strategies ?? []), ...extensions.flatMap((extension) => extension.strategies ?? [])]
  const options: readonly RouteOption[] = [
    ...coreOptions(metrics, strategies, createLimiter(metrics), versions),
    ...extensions.flatMap((extension) => extension.options ?? []),
    ...(definition.options ?? []),
  ]
  const operate = operateRoutes({
    versions: versions?.supported ?? [],
    health,
    scrape: servers.scrape,
    openapi: (wanted) => openapi(wanted),
    title,
    docsEnabled: settings.docsEnabled ?? environment !== 'production',
    healthAllow: settings.healthAllow,
    metricsAllow: settings.metricsAllow,
  })
  const admin = container.provides(Authorizer) && strategies.length > 0 ? breakerRoutes(runtime) : {}
  const flatRoutes = gatherRoutes({
    ofExtensions: extensions.map((extension) => extension.routes ?? {}),
    ofApplication: definition.routes,
    ofFramework: { glueful: { ...operate, ...admin } },
    defaults,
    prefix: settings.apiUsePrefix ? settings.apiPrefix : '',
    versions,
  })
  redactor.hide(
    flatRoutes.flatMap(({ options: { params, query, headers, cookies, body, response } }) => markedFields({ params, query, headers, cookies, body, response })),
  )
  const compiler = createRouteCompiler({
    routes: flatRoutes,
    options,
    defaults,
    runtime,
    pipeline: {
      toReply,
      encode,
      renderError: createErrorRenderer({
        ...definition.errors,
        debug: environment !== 'production',
        report: (ctx, error) => reportError(ctx, error, definition.reportError),
      }),
    },
  })
  const endpoints = flatRoutes.map((route) => compiler.compile(route))
  const routes = endpoints.map((endpoint) => endpoint.route)
  const finder = createRouteFinder(endpoints, versions, { trailingSlash: definition.server?.trailingSlash ?? 'ignore' })
  const kernel = createKernel({ find: finder.find, edge: compiler.edge })
  const operating = () => {
    const own = endpoints.filter(({ route }) => operateNames.test(route.name))
    return createKernel({ find: createRouteFinder(own, undefined, { trailingSlash: 'ignore' }).find, edge: compiler.edge })
  }
  const doorParts = {
    runtime,
    limits: { ...defaultDoorLimits, ...definition.server?.limits },
    shutdownTimeout: settings.shutdownTimeout,
  }

  // doors
  const accessLog = levels[settings.logLevel] > levels.info ? undefined : createAccessLog({ destination, clock, format, base: { pid: process.pid, ...base } })
  const observer = createObserver(metrics, count, log, accessLog)
  const openapi = createDescriber(routes, versions, {
    ...(settings.appUrl === undefined ? {} : { servers: [{ url: settings.appUrl }] }),
    ...definition.openapi,
    title,
    version,
    description: definition.openapi?.description ?? definition.description,
    options,
    errorFormat: definition.errors?.format,
    additions: extensions.flatMap((extension) => extension.openapi ?? []),
  } as OpenApiOptions)

  return {
    runtime,
    settings,
    routes,
    metrics,
    fetch: createFetchDoor({ kernel, runtime, observer }),
    swap: container.swap,
    url: finder.urlFor,
    versions: versions === undefined ? undefined : { ...versions, file: versionsFile },
    openapi,
    events,
    async start() {
      await container.start()
      if (container.provides(Transactions)) transactions = container.use(Transactions)
      readiness = 'ready'
    },
    async listen({ port, host, drainGrace }) {
      const server = await servers.listen({
        ...doorParts,
        kernel,
        observer,
        port: port ?? settings.port,
        host: host ?? settings.host ?? (environment === 'production' ? '0.0.0.0' : '127.0.0.1'),
        drainGrace: drainGrace ?? (environment === 'production' ? 1_000 : 0),
      })
      await events.emit(ServerListening, { url: server.url })
      return server
    },
    operate: ({ port, host = '127.0.0.1', role = 'alone' }) =>
      servers.operate(role, port === undefined ? undefined : { ...doorParts, kernel: operating(), observer, port, host, drainGrace: 0 }),
    async stop() {
      readiness = 'draining'
      const drained = servers.drain()
      draining.start()
      const lost = await drained
      if (lost > 0) log.error({ requests: lost }, 'Requests were cut because they took longer than SHUTDOWN_TIMEOUT')
      await withTimeout(() => Promise.all([events.idle(), purger.idle()]), settings.shutdownTimeout).catch((error: unknown) =>
        log.error({ err: error }, 'Deferred listeners or purges of the CDN were still running'),
      )
      try {
        await container.stop()
      } finally {
        servers.close()
        destination.flush()
      }
    },
  }
}

/** What a process that serves no requests answers. */
const operateNames = /^glueful\.(?:health|metrics)(?:\.|$)/

function trustOf(entries: readonly string[]): TrustProxy {
  const [only, ...more] = entries
  return only !== undefined && more.length === 0 && /^\d+$/.test(only) ? Number(only) : entries
}
