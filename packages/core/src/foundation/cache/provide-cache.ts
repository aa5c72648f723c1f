import type { Clock } from '../clock.ts'
import type { Logger } from '../logging/logger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { chooseStore, type StoreSurroundings } from '../redis/choose-store.ts'
import { Redis } from '../redis/redis-connection.ts'
import { provide, type Provider } from '../services/provide.ts'
import { service, type Service } from '../services/service.ts'
import type { CoreSettings } from '../settings/core-settings.ts'
import { Transactions } from '../transactions.ts'
import type { CacheStore } from './cache-store.ts'
import { Cache } from './cache.ts'
import { createCache } from './create-cache.ts'
import { createMemoryCacheStore } from './stores/memory-cache-store.ts'
import { createRedisCacheStore } from './stores/redis-cache-store.ts'
import { createTwoLevelCacheStore } from './stores/two-level-cache-store.ts'

/** The store that a database package offers for several processes without Redis. */
export const DatabaseCacheStore: Service<CacheStore> = service<CacheStore>('database-cache-store')

/**
 * Where the application's cache keeps its values; chosen when it is first asked for.
 * `ready()` throws `STORE_NOT_SHARED` or `STORE_UNAVAILABLE` where the choice would be wrong.
 */
export interface CacheStores {
  ready(): CacheStore
}

export const CacheStores: Service<CacheStores> = service<CacheStores>('cache-stores')

export interface CacheProviderParts {
  /** The running application; asked for when the cache is used. */
  readonly surroundings: () => StoreSurroundings
  readonly settings: Pick<CoreSettings, 'cacheMemoryLimit' | 'cacheLocalLimit'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly onFlush?: (tags: readonly string[]) => void
}

/** The cache and its store as services. An application that caches nothing makes no choice, and so is never refused one. */
export function provideCache({ surroundings, settings, clock, log, metrics, onFlush }: CacheProviderParts): readonly Provider[] {
  let chosen: CacheStore | undefined
  const use = <T>(token: Service<T>) => surroundings().use(token)
  const connection = () => use(Redis)

  function choose(): CacheStore {
    switch (chooseStore(surroundings(), 'cacheStore', DatabaseCacheStore)) {
      case 'memory':
        return createMemoryCacheStore({ limit: settings.cacheMemoryLimit, clock })
      case 'redis':
        if (settings.cacheLocalLimit > 0) return createTwoLevelCacheStore({ connection, clock, limit: settings.cacheLocalLimit })
        return createRedisCacheStore({ connection, clock })
      case 'database':
        return lateStore('database', () => use(DatabaseCacheStore))
    }
  }
  const ready = () => (chosen ??= choose())
  const transactions = () => (surroundings().provides(Transactions) ? use(Transactions) : undefined)

  return [
    provide(CacheStores, () => ({ ready })),
    provide(Cache, () => createCache({ store: lateStore('cache', ready), clock, metrics, log, transactions, ...(onFlush === undefined ? {} : { onFlush }) })),
  ]
}

/** A store that is looked up with each call. */
function lateStore(name: string, find: () => CacheStore): CacheStore {
  return {
    name,
    get: (key) => find().get(key),
    mark: (tags) => find().mark(tags),
    set: (key, entry, guard) => find().set(key, entry, guard),
    delete: (key) => find().delete(key),
    acquire: (key, token, ms) => find().acquire(key, token, ms),
    release: (key, token) => find().release(key, token),
    flush: (tags) => find().flush(tags),
    clear: (prefix) => find().clear(prefix),
    inspect: (prefix, limit) => find().inspect(prefix, limit),
  }
}
