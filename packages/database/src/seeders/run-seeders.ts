import { integer, string, timestamp } from '../columns/builders.ts'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { withFactorySeed } from '../factories/factory-randomness.ts'
import { withMigrationLock } from '../migrations/lock/migration-lock.ts'
import { describeTable } from '../schema/describe-table.ts'
import { renderCreateTable } from '../schema/render-table.ts'
import { sql } from '../sql/sql.ts'
import { orderSeeders } from './order-seeders.ts'
import type { Seeder } from './seeder.ts'

export interface SeedOptions {
  /** Only these, with what they need. Default: all. */
  readonly names?: readonly string[]
  /** Of the data that factories make. Default: 1. */
  readonly seed?: number
  /** Also those that have run before. Default: false. */
  readonly again?: boolean
  /** Most time to wait while another process migrates or seeds, in ms. Default: 10 minutes. */
  readonly wait?: number
}

export interface SeededStep {
  readonly name: string
  /** False where it had run before. */
  readonly ran: boolean
  readonly durationMs: number
}

const table = describeTable('schema_seeds', { name: string(100).primary(), seeded_at: timestamp(), duration_ms: integer() })

/** Runs seeders in the order of what they need, each in a transaction and, unless it says otherwise, once for a database. */
export async function runSeeders(database: ManagedDatabase, seeders: readonly Seeder[], options: SeedOptions = {}): Promise<SeededStep[]> {
  const { names = [], seed = 1, again = false, wait = 600_000 } = options
  const ordered = orderSeeders(seeders, names)
  return withMigrationLock(database, wait, async (lock) => {
    for (const text of renderCreateTable(database.dialect, table, true)) await database.script(text)
    const done = new Set((await database.all<{ name: string }>(sql`select name from schema_seeds`)).map(({ name }) => name))
    const steps: SeededStep[] = []
    for (const seeder of ordered) {
      await lock.check()
      const { name } = seeder
      if (done.has(name) && seeder.always !== true && !again) {
        steps.push({ name, ran: false, durationMs: 0 })
        continue
      }
      const started = performance.now()
      const elapsed = () => Math.round(performance.now() - started)
      await withFactorySeed(`${seed} ${name}`, () =>
        database.transaction(async () => {
          await seeder.run({ database })
          const at = database.dialect === 'sqlite' ? Date.now() : new Date()
          await database.run(sql`delete from schema_seeds where name = ${name}`)
          await database.run(sql`insert into schema_seeds (name, seeded_at, duration_ms) values (${name}, ${at}, ${elapsed()})`)
        }),
      )
      steps.push({ name, ran: true, durationMs: elapsed() })
    }
    return steps
  })
}
