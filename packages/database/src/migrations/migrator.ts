import type { ManagedDatabase } from '../connection/create-database.ts'
import { fail } from '../errors.ts'
import { dropEverything } from '../schema/drop-everything.ts'
import { withMigrationLock, type MigrationLock } from './lock/migration-lock.ts'
import { overDatabase } from './migration-connection.ts'
import { addToHistory, createHistory, readHistory, removeFromHistory, type AppliedMigration } from './migration-history.ts'
import { requireMigrationName } from './migration-name.ts'
import type { Migration } from './migration.ts'
import { planMigrations, type KnownMigration, type MigrationStatus } from './plan.ts'
import { checksumOf } from './record-changes.ts'
import { createReleaseTable } from './release-tables.ts'
import { runMigration } from './run-migration.ts'

export interface MigratorOptions {
  readonly database: ManagedDatabase
  readonly migrations: readonly Migration[]
  /** Most time to wait for a lock on a table, in ms; 0 waits for ever. Default: 5 seconds. */
  readonly lockTimeout?: number
  /** Most time to wait while another process migrates, in ms. Default: 10 minutes. */
  readonly wait?: number
  /** Looks at what is to be migrated before anything is; throws to stop it. */
  readonly inspect?: (pending: readonly Migration[]) => Promise<void>
  /** Told of each migration that has run. */
  readonly onMigrated?: (step: MigratedStep) => void
}

export interface MigratedStep {
  readonly name: string
  readonly direction: 'up' | 'down'
  readonly durationMs: number
}

/** Brings a database forward and back; any number of processes may try at once. */
export interface Migrator {
  status(): Promise<MigrationStatus[]>
  /**
   * Names of what is to run.
   * @throws `MIGRATION_CHANGED`
   */
  pending(): Promise<string[]>
  /** Runs what is pending, first to last, each exactly once whatever else runs. */
  up(): Promise<MigratedStep[]>
  /** Names of what `rollback` would undo, in that order. */
  rollbackPlan(steps?: number): Promise<string[]>
  /** Undoes the last `steps` migrations, or those of the last run. */
  rollback(steps?: number): Promise<MigratedStep[]>
  /** Undoes all. */
  reset(): Promise<MigratedStep[]>
  /** Drops every table, known or not, and runs all. */
  fresh(): Promise<MigratedStep[]>
}

export function createMigrator(options: MigratorOptions): Migrator {
  const { database, lockTimeout = 5_000, wait = 600_000 } = options
  const connection = overDatabase(database)
  const migrations = options.migrations.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  let knowing: Promise<KnownMigration[]> | undefined
  const known = () => (knowing ??= Promise.all(migrations.map(async (migration) => ({ migration, checksum: await checksumOf(migration, database.dialect) }))))

  const locked = <T>(work: (lock: MigrationLock) => Promise<T>) => withMigrationLock(database, wait, work)

  async function status(): Promise<MigrationStatus[]> {
    return planMigrations(await known(), await readHistory(connection))
  }

  /** What is pending, once it is clear that nothing that was applied has been changed. */
  async function pending(): Promise<KnownMigration[]> {
    const plan = await status()
    const changed = plan.flatMap(({ name, state, applied, checksum }) =>
      state === 'changed' ? [{ name, applied: applied?.checksum ?? '', found: checksum ?? '' }] : [],
    )
    if (changed.length > 0) throw fail('MIGRATION_CHANGED', { changed })
    const names = new Set(plan.flatMap(({ name, state }) => (state === 'pending' ? [name] : [])))
    return (await known()).filter(({ migration }) => names.has(migration.name))
  }

  async function forward(lock: MigrationLock): Promise<MigratedStep[]> {
    const open = await pending()
    if (open.length === 0) return []
    await options.inspect?.(open.map(({ migration }) => migration))
    await createHistory(connection)
    await createReleaseTable(connection)
    const batch = Math.max(0, ...(await readHistory(connection)).map((row) => row.batch)) + 1
    const steps: MigratedStep[] = []
    for (const { migration, checksum } of open) {
      await lock.check()
      const { name } = migration
      const { version } = requireMigrationName(name)
      const durationMs = await runMigration(database, {
        migration,
        direction: 'up',
        lockTimeout,
        note: (on, duration) => addToHistory(on, { version, name, checksum, appliedAt: new Date(), durationMs: duration, batch }),
      })
      steps.push(told({ name, direction: 'up', durationMs }))
    }
    return steps
  }

  async function back(lock: MigrationLock, choose: (history: readonly AppliedMigration[]) => readonly AppliedMigration[]): Promise<MigratedStep[]> {
    const chosen = choose(await readHistory(connection)).map(({ name }) => ({ name, migration: migrations.find((candidate) => candidate.name === name) }))
    const unknown = chosen.filter(({ migration }) => migration === undefined)
    if (unknown.length > 0) throw fail('MIGRATION_UNKNOWN', { names: unknown.map(({ name }) => name) })
    const found = chosen.flatMap(({ migration }) => migration ?? [])
    const oneWay = found.find((migration) => migration.down === undefined)
    if (oneWay !== undefined) throw fail('MIGRATION_IRREVERSIBLE', { name: oneWay.name })
    const steps: MigratedStep[] = []
    for (const migration of found) {
      await lock.check()
      const { name } = migration
      const durationMs = await runMigration(database, { migration, direction: 'down', lockTimeout, note: (on) => removeFromHistory(on, name) })
      steps.push(told({ name, direction: 'down', durationMs }))
    }
    return steps
  }

  function told(step: MigratedStep): MigratedStep {
    options.onMigrated?.(step)
    return step
  }

  return {
    status,
    pending: async () => (await pending()).map(({ migration }) => migration.name),
    async up() {
      // Asked without the lock first, so that processes that start later do not wait for each other.
      return (await pending()).length === 0 ? [] : locked(forward)
    },
    rollbackPlan: async (steps) => lastOf(await readHistory(connection), steps).map(({ name }) => name),
    rollback: (steps) => locked((lock) => back(lock, (history) => lastOf(history, steps))),
    reset: () => locked((lock) => back(lock, (history) => history.toReversed())),
    fresh: () =>
      locked(async (lock) => {
        await dropEverything(connection)
        return forward(lock)
      }),
  }
}

function lastOf(history: readonly AppliedMigration[], steps: number | undefined): readonly AppliedMigration[] {
  const reversed = history.toReversed()
  if (steps !== undefined) return reversed.slice(0, steps)
  const last = reversed[0]?.batch
  return reversed.filter((row) => row.batch === last)
}
