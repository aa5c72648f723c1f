import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { chooseStore } from '../redis/choose-store.ts'
import { Redis } from '../redis/redis-connection.ts'
import { provide, type Provider } from '../services/provide.ts'
import type { Service, Use } from '../services/service.ts'
import { createLocks } from './create-locks.ts'
import { DatabaseLockStore, type LockStore } from './lock-store.ts'
import { Locks } from './locks.ts'
import { createMemoryLockStore } from './stores/memory-lock-store.ts'
import { createRedisLockStore } from './stores/redis-lock-store.ts'

export interface LockSurroundings {
  readonly clock: Clock
  readonly metrics: Metrics
  /** Asked when the first lock is wanted: an application that uses none needs no store for them. */
  readonly provides: (token: Service<unknown>) => boolean
}

export function provideLocks({ clock, metrics, provides }: LockSurroundings): Provider {
  const create = (use: Use): LockStore => {
    switch (chooseStore({ use, provides }, 'lockStore', DatabaseLockStore)) {
      case 'memory':
        return createMemoryLockStore(clock)
      case 'redis':
        return createRedisLockStore(() => use(Redis))
      case 'database':
        return use(DatabaseLockStore)
    }
  }
  return provide(Locks, ({ use }) => {
    let store: LockStore | undefined
    return createLocks({ metrics, store: () => (store ??= create(use)) })
  })
}
