import type { Environment, Logger, Metrics } from 'glueful'
import { describeTarget, parseConnectionUrl, type ConnectionTarget } from '../connection/connection-url.ts'
import { createDatabase, type ManagedDatabase } from '../connection/create-database.ts'
import { createDatabases, type Databases } from '../connection/databases.ts'
import type { Driver } from '../driver/driver.ts'
import { createReplicatedDriver } from '../driver/replicated-driver.ts'
import { createMysqlDriver } from '../driver/mysql/mysql-driver.ts'
import { createPostgresDriver } from '../driver/postgres/postgres-driver.ts'
import { createSqliteDriver } from '../driver/sqlite/sqlite-driver.ts'
import { fail } from '../errors.ts'
import { queryMetrics } from '../observe/query-metrics.ts'
import { createQueryObserver } from '../observe/query-observer.ts'
import type { SlowQueries } from '../observe/slow-queries.ts'

/** One connection with everything that decides how it behaves. */
export interface ConnectionConfig {
  readonly name: string
  /** The variable that names it, for messages. */
  readonly setting: string
  readonly url: string
  /** Servers that follow the one at `url`; reads go to them. */
  readonly replicas: readonly string[]
  readonly poolMax: number
  readonly acquireTimeout: number
  readonly busyTimeout: number
  readonly connectTimeout: number
  readonly statementTimeout: number
  readonly namedStatements: boolean
  /** Queries that take longer are logged, in ms. */
  readonly slowQuery: number
  readonly synchronous: 'full' | 'normal'
}

export interface OpenDatabases extends Databases {
  /** @throws `DATABASE_START_FAILED` */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Where the data is when nothing says so: in memory in tests, a file otherwise. */
export function defaultUrl(environment: Environment): string {
  return environment === 'test' ? 'sqlite::memory:' : 'sqlite:./data/app.sqlite'
}

/** What databases are given by the application that they belong to. */
export interface DatabaseSurroundings {
  readonly log: Logger
  readonly metrics: Metrics
  readonly environment: Environment
  /** Notes what is slow, for `db optimize`. */
  readonly slowQueries?: SlowQueries
}

export function openDatabases(configs: readonly ConnectionConfig[], { log, metrics: registry, environment, slowQueries }: DatabaseSurroundings): OpenDatabases {
  const metrics = queryMetrics(registry)
  const pools: { readonly name: string; readonly role: string; readonly usage: Driver['usage'] }[] = []
  const unwatch: (() => void)[] = []
  const targets = new Map<string, ConnectionTarget>()
  const all = new Map<string, ManagedDatabase>()
  for (const config of configs) {
    const { name, acquireTimeout, slowQuery } = config
    const target = parseConnectionUrl(config.url, config.setting)
    targets.set(name, target)
    const primary = driverFor(target, config, true)
    const replicas = config.replicas.map((url) => driverFor(replicaTarget(url, target, config), config, false))
    const driver = replicas.length === 0 ? primary : createReplicatedDriver({ primary, replicas, log })
    pools.push({ name, role: 'primary', usage: primary.usage }, ...replicas.map(({ usage }) => ({ name, role: 'replica', usage })))
    const { dialect } = driver
    const observer = createQueryObserver({ database: name, dialect, log, metrics, slowQuery, placesAlways: environment === 'development', slowQueries })
    all.set(name, createDatabase({ name, driver, acquireTimeout, log, observer, metrics, connection: (other) => databases.connection(other) }))
  }
  const databases = createDatabases(all, log)

  async function startOne(name: string, driver: Driver): Promise<void> {
    try {
      await driver.start()
    } catch (cause) {
      const target = describeTarget(targets.get(name) as ConnectionTarget)
      throw fail('DATABASE_START_FAILED', { connection: name, target, reason: reasonOf(cause) }, { cause })
    }
  }

  return {
    ...databases,
    async start() {
      for (const [name, { driver }] of all) await startOne(name, driver)
      for (const { name, role, usage } of pools) unwatch.push(metrics.watch(name, role, usage))
    },
    async stop() {
      for (const stop of unwatch.splice(0)) stop()
      await Promise.all([...all.values()].map(({ driver }) => driver.close()))
    },
  }
}

function driverFor(target: ConnectionTarget, config: ConnectionConfig, patient: boolean): Driver {
  if (target.dialect === 'sqlite') return createSqliteDriver({ ...config, file: target.file, readers: 4 })
  const options = { ...config, url: target.url, patient }
  return target.dialect === 'postgres' ? createPostgresDriver(options) : createMysqlDriver(options)
}

function replicaTarget(url: string, primary: ConnectionTarget, { setting }: ConnectionConfig): ConnectionTarget {
  const variable = setting.replace(/URL$/, 'REPLICA_URLS')
  const target = parseConnectionUrl(url, variable)
  if (target.dialect === 'sqlite' || target.dialect !== primary.dialect)
    throw fail('DATABASE_URL_INVALID', { setting: variable, reason: `a replica of ${primary.dialect} cannot be ${target.dialect}` })
  return target
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
