import type { ManagedDatabase } from '../../connection/create-database.ts'
import { fail } from '../../errors.ts'
import { lockMysql } from './mysql-lock.ts'
import { lockPostgres } from './postgres-lock.ts'
import { lockSqlite } from './sqlite-lock.ts'

/** A lock that one process holds; the database or the operating system takes it back when the process dies. */
export interface MigrationLock {
  /** Throws when it was lost, as with its connection. */
  check(): Promise<void>
  release(): Promise<void>
}

/** One attempt to get the lock; undefined when another process has it. */
export type TryLock = () => Promise<MigrationLock | undefined>

const pause = 50

/**
 * Runs `work` while no other process migrates this database.
 * @throws `MIGRATION_LOCKED` when the lock is not free within `waitMs`
 */
export async function withMigrationLock<T>(database: ManagedDatabase, waitMs: number, work: (lock: MigrationLock) => Promise<T>): Promise<T> {
  const attempts = { sqlite: lockSqlite, postgres: lockPostgres, mysql: lockMysql }[database.dialect](database)
  const deadline = performance.now() + waitMs
  let lock = await attempts()
  // Asked again and again rather than waited for in the database: there a waiting statement holds a snapshot, and an
  // index that is built concurrently waits for all snapshots, this one's included.
  while (lock === undefined) {
    if (performance.now() >= deadline) throw fail('MIGRATION_LOCKED', { waitedMs: waitMs })
    await new Promise((resolve) => void setTimeout(resolve, pause * (0.5 + Math.random())))
    lock = await attempts()
  }
  try {
    return await work(lock)
  } finally {
    await lock.release()
  }
}
