import { DatabaseLimitStore, DatabaseLockStore, LoggerService, provide, type Provider, type Service } from 'glueful'
import type { Database } from '../connection/database.ts'
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
  ]
}
