import { coreSettings, defineExtension, LoggerService, provide, Transactions, type HealthTools, type Use } from 'glueful'
import { Database } from '../connection/database.ts'
import { addBooted, removeBooted } from '../connection/databases.ts'
import { afterCommit } from '../transaction/transaction.ts'
import type { DatabaseOptions } from './database-options.ts'
import { databaseSettings, urlVariable } from './database-settings.ts'
import { defaultUrl, openDatabases, type ConnectionConfig, type OpenDatabases } from './open-databases.ts'
import { DatabasesService, scopeOption } from './scope-option.ts'

/**
 * The data layer as an extension: the connections that the settings name, a scope for each request, transactions that
 * core's parts join, and a health check.
 *
 * @example
 * createApp({ name: 'shop', routes, extensions: [database()] })
 */
export function database(options: DatabaseOptions = {}) {
  const { connections = {} } = options
  const settings = databaseSettings(connections)

  function configsOf(use: Use): ConnectionConfig[] {
    const { url, urls, ...rest } = use(settings)
    const first = { ...rest, name: 'default', setting: 'DATABASE_URL', url: url?.reveal() ?? defaultUrl(use(coreSettings).environment) }
    const named = Object.entries(urls).map(([name, secret]) => ({
      ...rest,
      name,
      setting: urlVariable(name),
      url: secret.reveal(),
      poolMax: connections[name]?.poolMax ?? rest.poolMax,
    }))
    return [first, ...named]
  }

  return defineExtension({
    name: 'database',
    settings,
    services: [
      provide<OpenDatabases>(DatabasesService, ({ use }) => openDatabases(configsOf(use), { log: use(LoggerService) }), {
        start: async (databases) => {
          await databases.start()
          addBooted(databases)
        },
        stop: async (databases) => {
          removeBooted(databases)
          await databases.stop()
        },
      }),
      provide(Database, ({ use }) => use(DatabasesService).default),
      provide(Transactions, ({ use }) => toTransactions(use(DatabasesService))),
    ],
    options: [scopeOption],
    health: [{ name: 'database', check: checkAll }],
  })
}

async function checkAll(_signal: AbortSignal, { use }: HealthTools): Promise<void> {
  await Promise.all([...use(DatabasesService).all.values()].map(({ driver }) => driver.check()))
}

function toTransactions(databases: OpenDatabases): Transactions {
  return {
    run: (work) => databases.default.transaction(work),
    get active() {
      return databases.default.openTransaction() !== undefined
    },
    afterCommit,
  }
}
