import {
  Cache,
  CacheStores,
  coreSettings,
  defineExtension,
  Extensions,
  LoggerService,
  MetricsService,
  provide,
  RuntimeService,
  Sealing,
  service,
  Transactions,
  type CheckReport,
  type Extension,
  type HealthTools,
  type Use,
  refuseUnknownOptions,
} from 'glueful'
import { columnSeal } from '../columns/column-seal.ts'
import { databaseCommands } from '../commands/database-commands.ts'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { Database } from '../connection/database.ts'
import { addBooted, removeBooted } from '../connection/databases.ts'
import { queryCacheOff } from '../query-cache/query-cache-off.ts'
import { createQueryCache } from '../query-cache/query-cache.ts'
import { checkModels } from '../model/check-models.ts'
import { setSurroundings } from '../model/surroundings.ts'
import { createMigrationSetup, MigrationSetup } from '../migrations/migration-setup.ts'
import { createSlowQueries, type SlowQueries } from '../observe/slow-queries.ts'
import { keepSlowQueries, type SlowQueryKeeper } from '../optimize/keep-slow-queries.ts'
import { slowQueryMigration } from '../optimize/slow-query-table.ts'
import { modelsOf, type ModelTable } from '../schema/model-tables.ts'
import { provideStores } from '../stores/provide-stores.ts'
import { databaseSecurityChecks } from '../security/database-security-checks.ts'
import { storeMigrations } from '../stores/store-migrations.ts'
import { outsideTransaction } from '../transaction/scope.ts'
import { afterCommit } from '../transaction/transaction.ts'
import { createMissingDatabases } from './create-missing-databases.ts'
import type { DatabaseOptions } from './database-options.ts'
import { DatabasesService } from './databases-service.ts'
import { databaseSettings, urlVariable } from './database-settings.ts'
import { listUrls } from './list-urls.ts'
import { defaultUrl, openDatabases, type ConnectionConfig, type DatabaseSurroundings, type OpenDatabases } from './open-databases.ts'
import { queryBudgetOption } from './query-budget-option.ts'
import { scopeOption } from './scope-option.ts'

/** Building an index may take hours, in ms. */
const migrationTimeout = 6 * 3_600_000

/** The default database once its tables are there; whatever asks for the database starts after it. */
const Migrated = service<{ readonly setup: MigrationSetup; readonly database: ManagedDatabase }>('migrated database')

const NotedSlowQueries = service<SlowQueries>('noted slow queries')
const SlowQueriesKept = service<SlowQueryKeeper>('kept slow queries')

/**
 * The data layer as an extension: the connections that the settings name, a scope for each request, transactions that
 * core's parts join, and a health check.
 *
 * @example
 * createApp({ name: 'shop', routes, extensions: [database()] })
 */
export function database(options: DatabaseOptions = {}): Extension {
  refuseUnknownOptions<DatabaseOptions>('database()', options, {
    connections: true,
    models: true,
    migrations: true,
    migrateOnStart: true,
    seeders: true,
    queryCache: true,
    seedOnStart: true,
  })
  const { connections = {} } = options
  const settings = databaseSettings(connections)

  function configsOf(use: Use): ConnectionConfig[] {
    const { url, urls, replicas, replicaUrls, migrating: _, ...rest } = use(settings)
    const first = {
      ...rest,
      name: 'default',
      setting: 'DATABASE_URL',
      url: url?.reveal() ?? defaultUrl(use(coreSettings).environment),
      replicas: listUrls(replicas),
    }
    const named = Object.entries(urls).map(([name, secret]) => ({
      ...rest,
      name,
      setting: urlVariable(name),
      url: secret.reveal(),
      replicas: listUrls(replicaUrls[name]),
      poolMax: connections[name]?.poolMax ?? rest.poolMax,
    }))
    return [first, ...named]
  }

  function open(use: Use): OpenDatabases {
    checkModels(options.models ?? {})
    const surroundings = { ...surroundingsOf(use), slowQueries: use(NotedSlowQueries) }
    return surrounded(openDatabases(configsOf(use), surroundings), use, options.queryCache ?? false)
  }

  function setupOf(use: Use): MigrationSetup {
    const { log, environment, ...surroundings } = surroundingsOf(use)
    const { migrating } = use(settings)
    const configs = configsOf(use).map((config) => ({ ...config, statementTimeout: migrationTimeout, poolMax: Math.max(3, config.poolMax), replicas: [] }))
    return createMigrationSetup({
      ...migrating,
      folder: options.migrations,
      models: modelsOf(options.models ?? {}),
      onStart: options.migrateOnStart ?? environment !== 'production',
      seederSource: options.seeders,
      seedOnStart: options.seedOnStart ?? false,
      extensions: use(Extensions),
      environment,
      log,
      open: () => openDatabases(configs, { ...surroundings, log, environment }),
      createDatabases: () => createMissingDatabases(configs, { ...surroundings, log, environment }),
    })
  }

  return defineExtension({
    name: 'database',
    settings,
    services: [
      provide(MigrationSetup, ({ use }) => setupOf(use)),
      provide<OpenDatabases>(DatabasesService, ({ use }) => open(use), {
        start: async (databases) => {
          await databases.start()
          addBooted(databases)
        },
        stop: async (databases) => {
          removeBooted(databases)
          await databases.stop()
        },
      }),
      provide(Migrated, ({ use }) => ({ setup: use(MigrationSetup), database: use(DatabasesService).default }), {
        start: ({ setup, database }) => setup.start(database),
      }),
      provide(Database, ({ use }) => use(Migrated).database),
      provide(NotedSlowQueries, createSlowQueries),
      provide(SlowQueriesKept, ({ use }) => keepSlowQueries(use(NotedSlowQueries), use(Database), use(RuntimeService).clock, use(LoggerService)), {
        start: (keeper) => keeper.start(),
        stop: (keeper) => keeper.stop(),
      }),
      ...provideStores(Database),
      provide(Transactions, ({ use }) => toTransactions(use(DatabasesService))),
    ],
    migrations: [...storeMigrations, slowQueryMigration],
    options: [scopeOption, queryBudgetOption],
    redact: { names: hiddenColumns(modelsOf(options.models ?? {})) },
    commands: databaseCommands,
    health: [{ name: 'database', check: checkAll }],
    securityChecks: databaseSecurityChecks(settings, options),
  })
}

/** Names of columns that nothing written down shows. */
function hiddenColumns(models: readonly ModelTable[]): string[] {
  return models.flatMap(({ columns }) => Object.entries(columns).flatMap(([name, { facts }]) => (facts.hidden || facts.personal ? [name] : [])))
}

/** Gives models the clock and the keys of the application, and tells about relations that were forgotten. */
function surrounded(databases: OpenDatabases, use: Use, cachesQueries: boolean): OpenDatabases {
  const { environment } = use(coreSettings)
  const log = use(LoggerService)
  const queryCache = cachesQueries
    ? createQueryCache({ cache: () => use(Cache), store: () => use(CacheStores).ready(), seal: use(Sealing).for('query-cache'), log })
    : undefined
  if (queryCache !== undefined) for (const one of databases.all.values()) one.onWritten = queryCache.wrote
  setSurroundings(databases, {
    queryCache: queryCache ?? queryCacheOff,
    clock: use(RuntimeService).clock,
    seal: columnSeal(use(Sealing)),
    ...(environment === 'development'
      ? { onLazyLoad: (load) => log.warn({ ...load }, 'A relation was loaded when it was touched; load it with the records by with()') }
      : {}),
  })
  return databases
}

function surroundingsOf(use: Use): DatabaseSurroundings {
  return { log: use(LoggerService), metrics: use(MetricsService), environment: use(coreSettings).environment }
}

async function checkAll(_signal: AbortSignal, { use }: HealthTools): Promise<void | CheckReport> {
  const reports = await Promise.all([...use(DatabasesService).all.values()].map(async ({ driver }) => driver.check()))
  return reports.find((report) => report !== undefined)
}

function toTransactions(databases: OpenDatabases): Transactions {
  return {
    run: (work) => databases.default.transaction(work),
    outside: outsideTransaction,
    get active() {
      return databases.default.openTransaction()?.isTrial === false
    },
    afterCommit,
  }
}
