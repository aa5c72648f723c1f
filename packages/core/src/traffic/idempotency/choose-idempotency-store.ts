import { fail } from '../../foundation/errors/catalog.ts'
import { hasSeveralProcesses } from '../../foundation/redis/choose-store.ts'
import { Redis } from '../../foundation/redis/redis-connection.ts'
import type { Service } from '../../foundation/services/service.ts'
import { coreSettings, type CoreSettings } from '../../foundation/settings/core-settings.ts'
import type { Runtime } from '../../http/context/runtime.ts'
import { DatabaseIdempotencyStore, type IdempotencyStore } from './idempotency-store.ts'
import { createMemoryIdempotencyStore } from './stores/memory-idempotency-store.ts'
import { createRedisIdempotencyStore } from './stores/redis-idempotency-store.ts'

const setting = 'IDEMPOTENCY_STORE'

/**
 * The store for keys: what the setting says; else the database, because there a key and the writes commit together; else
 * Redis; else the memory of the process when it is the only one.
 * @throws `STORE_NOT_SHARED`, `STORE_UNAVAILABLE`
 */
export function chooseIdempotencyStore(runtime: Runtime): () => IdempotencyStore {
  const settings = runtime.use(coreSettings as unknown as Service<CoreSettings>)
  const said = settings.idempotencyStore
  const [hasDatabase, hasRedis] = [runtime.provides(DatabaseIdempotencyStore), runtime.provides(Redis)]
  const kind = said !== 'auto' ? said : hasDatabase ? 'database' : hasRedis ? 'redis' : 'memory'
  switch (kind) {
    case 'database':
      if (!hasDatabase) throw fail('STORE_UNAVAILABLE', { setting, found: kind, reason: 'no extension provides it (add database())' })
      return () => runtime.use(DatabaseIdempotencyStore)
    case 'redis': {
      if (!hasRedis) throw fail('STORE_UNAVAILABLE', { setting, found: kind, reason: 'REDIS_URL is not set' })
      const store = createRedisIdempotencyStore(
        () => runtime.use(Redis),
        () => runtime.clock.now(),
      )
      return () => store
    }
    case 'memory': {
      if (hasSeveralProcesses(settings)) throw fail('STORE_NOT_SHARED', { setting, chosen: said === 'memory' })
      const store = createMemoryIdempotencyStore()
      return () => store
    }
  }
}
