import { createHash } from 'node:crypto'
import type { ManagedDatabase } from '../../connection/create-database.ts'
import { fail } from '../../errors.ts'
import { describeStatement } from '../../sql/describe-statement.ts'
import type { TryLock } from './migration-lock.ts'

/** A named lock, which ends with its connection. Such names are shared by all databases of a server. */
export function lockMysql({ driver }: ManagedDatabase): TryLock {
  return async () => {
    const session = await driver.acquire('transaction')
    const value = async (text: string) => (await session.execute(text, [], { ...describeStatement(text), writes: true })).rows[0]?.[0]
    try {
      const database = String(await value('select database()'))
      const name = `'glueful_migrations_${createHash('sha256').update(database).digest('hex').slice(0, 32)}'`
      if (Number(await value(`select get_lock(${name}, 0)`)) === 1) {
        return {
          check: async () => {
            const held = session.broken ? 0 : Number(await value(`select coalesce(is_used_lock(${name}) = connection_id(), 0)`).catch(() => 0))
            if (held !== 1) throw fail('MIGRATION_LOCK_LOST', undefined)
          },
          release: async () => {
            try {
              if (!session.broken) await value(`select release_lock(${name})`)
            } finally {
              driver.release(session)
            }
          },
        }
      }
    } catch (error) {
      driver.release(session)
      throw error
    }
    driver.release(session)
    return undefined
  }
}
