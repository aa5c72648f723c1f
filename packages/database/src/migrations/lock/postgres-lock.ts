import type { ManagedDatabase } from '../../connection/create-database.ts'
import { describeStatement } from '../../sql/describe-statement.ts'
import type { TryLock } from './migration-lock.ts'

// Any number will do, as long as it stays the same; advisory locks are kept for each database by itself.
const key = 7_226_414_301

/** An advisory lock of a transaction on a connection of its own, which also holds through a transaction pooler. */
export function lockPostgres({ driver }: ManagedDatabase): TryLock {
  return async () => {
    const session = await driver.acquire('transaction')
    const run = async (text: string) => session.execute(text, [], { ...describeStatement(text), writes: true })
    const end = async () => {
      try {
        if (!session.broken) await session.rollback()
      } finally {
        driver.release(session)
      }
    }
    try {
      await session.begin({})
      const { rows } = await run(`select case when pg_try_advisory_xact_lock(${key}) then 1 else 0 end`)
      if (Number(rows[0]?.[0]) === 1) {
        // As scripts: what was executed last keeps its snapshot until the next one, and an index that is built concurrently
        // waits for all snapshots.
        await session.script('set local idle_in_transaction_session_timeout = 0')
        return { check: async () => session.script('select 1'), release: end }
      }
    } catch (error) {
      await end()
      throw error
    }
    await end()
    return undefined
  }
}
