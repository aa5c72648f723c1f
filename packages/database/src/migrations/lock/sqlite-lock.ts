import { DatabaseSync } from 'node:sqlite'
import type { ManagedDatabase } from '../../connection/create-database.ts'
import type { TryLock } from './migration-lock.ts'

/** SQLITE_BUSY; the bits above the first eight say more about it. */
const busy = 5

/**
 * A transaction on an empty SQLite file beside the database: a lock of the operating system, which also holds while a
 * migration runs without a transaction. The file stays, because whoever waits has it open. A database in memory has one
 * process only.
 */
export function lockSqlite(database: ManagedDatabase): TryLock {
  return async () => {
    const { rows } = await database.execute('select file from pragma_database_list where name = ?', ['main'], { writes: true })
    const file = String(rows[0]?.[0] ?? '')
    if (file === '') return { check: async () => undefined, release: async () => undefined }
    const lock = new DatabaseSync(`${file}-migrating`, { timeout: 0 })
    try {
      lock.exec('begin exclusive')
    } catch (error) {
      lock.close()
      if (((error as { errcode?: number }).errcode ?? 0) % 256 === busy) return undefined
      throw error
    }
    return { check: async () => undefined, release: async () => lock.close() }
  }
}
