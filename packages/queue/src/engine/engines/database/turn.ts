import { inTransaction, type Database } from '@glueful/database'

/**
 * A transaction of the engine's own. On MySQL it must see what others have committed, and lock no gaps between rows; as a
 * part of another transaction it takes what that one has.
 */
export function turn<T>(database: Database, work: () => Promise<T>): Promise<T> {
  return database.transaction(work, database.dialect === 'mysql' && !inTransaction() ? { isolation: 'read committed' } : {})
}
