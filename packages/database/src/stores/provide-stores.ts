import {
  DatabaseCacheStore,
  DatabaseIdempotencyStore,
  DatabaseLimitStore,
  DatabaseLockStore,
  LoggerService,
  provide,
  RuntimeService,
  type Provider,
  type Service,
} from 'glueful'
import type { Database } from '../connection/database.ts'
import { createDatabaseCacheStore } from './database-cache-store.ts'
import { createDatabaseIdempotencyStore } from './database-idempotency-store.ts'
import { createDatabaseLimitStore } from './database-limit-store.ts'
import { createDatabaseLockStore } from './database-lock-store.ts'

/** Core's stores on the application's database; `token` is its service, which waits for the migrations. */
export function provideStores(token: Service<Database>): readonly Provider[] {
  return [
    provide(DatabaseLimitStore, ({ use }) => {
      const [db, log] = [use(token), use(LoggerService)]
      return createDatabaseLimitStore(() => db, log)
    }),
    provide(DatabaseLockStore, ({ use }) => {
      const db = use(token)
      return createDatabaseLockStore(() => db)
    }),
    provide(DatabaseIdempotencyStore, ({ use }) => createDatabaseIdempotencyStore(use(token))),
    provide(DatabaseCacheStore, ({ use }) => createDatabaseCacheStore(use(token), use(RuntimeService).clock)),
  ]
}
