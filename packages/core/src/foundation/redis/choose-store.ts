import cluster from 'node:cluster'
import { fail } from '../errors/catalog.ts'
import type { Service } from '../services/service.ts'
import { coreSettings, type CoreSettings } from '../settings/core-settings.ts'
import { Redis } from './redis-connection.ts'

/** Where something is kept that requests share. */
export type StoreKind = 'memory' | 'redis' | 'database'

/** The settings that choose a store, by their key in the core settings. */
export const storeSettings = { rateLimitStore: 'RATE_LIMIT_STORE', cacheStore: 'CACHE_STORE', lockStore: 'LOCK_STORE' } as const

/** What the choice depends on; a `Runtime` is one. */
export interface StoreSurroundings {
  use<T>(token: Service<T>): T
  provides(token: Service<unknown>): boolean
}

/**
 * The store for limits, cache or locks: what the setting says; else Redis where REDIS_URL is set; else the memory of the
 * process when it is the only one; else the database. Call it at boot, so that an application that would count wrongly
 * does not start.
 *
 * @example
 * const kind = chooseStore(runtime, 'rateLimitStore', DatabaseLimitStore)
 *
 * @throws `STORE_NOT_SHARED`, `STORE_UNAVAILABLE`
 */
export function chooseStore({ use, provides }: StoreSurroundings, key: keyof typeof storeSettings, databaseStore: Service<unknown>): StoreKind {
  const settings = use(coreSettings as unknown as Service<CoreSettings>)
  const setting = storeSettings[key]
  const several = hasSeveralProcesses(settings)
  const unavailable = (found: string, reason: string) => fail('STORE_UNAVAILABLE', { setting, found, reason })
  switch (settings[key]) {
    case 'redis':
      if (!provides(Redis)) throw unavailable('redis', 'REDIS_URL is not set')
      return 'redis'
    case 'database':
      if (!provides(databaseStore)) throw unavailable('database', 'no extension provides it (add database())')
      return 'database'
    case 'memory':
      if (several) throw fail('STORE_NOT_SHARED', { setting, chosen: true })
      return 'memory'
    case 'auto':
      if (provides(Redis)) return 'redis'
      if (!several) return 'memory'
      if (!provides(databaseStore)) throw fail('STORE_NOT_SHARED', { setting, chosen: false })
      return 'database'
  }
}

/** Whether this process shares its port; `glueful serve --workers 4` makes workers without changing WORKERS. */
export function hasSeveralProcesses({ workers }: Pick<CoreSettings, 'workers'>): boolean {
  return workers > 1 || cluster.isWorker
}
