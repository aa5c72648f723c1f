import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { chooseStore } from '../redis/choose-store.ts'
import { Redis } from '../redis/redis-connection.ts'
import { provide, type Provider } from '../services/provide.ts'
import type { Service, Use } from '../services/service.ts'
import { countLocks, createLocks } from './create-locks.ts'
import { DatabaseLockStore, type LockStore } from './lock-store.ts'
import { Locks, SharedLocks } from './locks.ts'
import { createMemoryLockStore } from './stores/memory-lock-store.ts'
import { createRedisLockStore } from './stores/redis-lock-store.ts'

export interface LockSurroundings {
  readonly clock: Clock
  readonly metrics: Metrics
  /** Asked when the first lock is wanted: an application that uses none needs no store for them. */
  readonly provides: (token: Service<unknown>) => boolean
}

export function provideLocks({ clock, metrics, provides }: LockSurroundings): readonly Provider[] {
  const outcomes = countLocks(metrics)
  const choose = (use: Use) => chooseStore({ use, provides }, 'lockStore', DatabaseLockStore)
  const create = (use: Use): LockStore => {
    switch (choose(use)) {
      case 'memory':
        return createMemoryLockStore(clock)
      case 'redis':
        return createRedisLockStore(() => use(Redis))
      case 'database':
        return use(DatabaseLockStore)
    }
  }
  return [
    provide(Locks, ({ use }) => {
      let store: LockStore | undefined
      return createLocks({ outcomes, store: () => (store ??= create(use)) })
    }),
    provide(SharedLocks, ({ use }) => {
      // The choice between them is made with the first lock, as that of the store is.
      const inDatabase = createLocks({ outcomes, store: () => use(DatabaseLockStore) })
      const own = use(Locks)
      let chosen: Locks | undefined
      const locks = () => (chosen ??= choose(use) === 'memory' && provides(DatabaseLockStore) ? inDatabase : own)
      return {
        lock: async (name, options) => locks().lock(name, options),
        tryLock: async (name, options) => locks().tryLock(name, options),
        withLock: async (name, options, work) => locks().withLock(name, options, work),
      }
    }),
  ]
}
