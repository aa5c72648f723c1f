import { service, type Environment, type Extension, type Logger, type Service } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import type { OpenDatabases } from '../extension/open-databases.ts'
import { collectMigrations } from './collect-migrations.ts'
import { createMigrator, type Migrator, type MigratorOptions } from './migrator.ts'

export interface MigrationSetupParts {
  readonly folder: string | URL | undefined
  readonly onStart: boolean
  readonly extensions: readonly Extension[]
  readonly environment: Environment
  readonly log: Logger
  /** Connections that nobody else uses, not started. */
  readonly open: () => OpenDatabases
}

/** What it takes to migrate an application, whether it starts or not. */
export interface MigrationSetup {
  readonly folder: string | URL | undefined
  readonly environment: Environment
  open(): OpenDatabases
  migrator(database: ManagedDatabase, options?: Pick<MigratorOptions, 'wait' | 'onMigrated'>): Promise<Migrator>
  /** Migrates, or says in the log what is pending. */
  start(database: ManagedDatabase): Promise<void>
}

/** Available without the services being started. */
export const MigrationSetup: Service<MigrationSetup> = service<MigrationSetup>('migrations')

// A service has 30 seconds to start; this comes first and says more.
const startWait = 25_000

export function createMigrationSetup({ folder, onStart, extensions, environment, log, open }: MigrationSetupParts): MigrationSetup {
  const migrator: MigrationSetup['migrator'] = async (database, options = {}) =>
    createMigrator({ ...options, database, migrations: await collectMigrations({ folder, extensions }, database.dialect) })
  return {
    folder,
    environment,
    open,
    migrator,
    async start(database) {
      const found = await migrator(database, {
        wait: startWait,
        onMigrated: ({ name, durationMs }) => log.info({ migration: name, duration: durationMs }, 'Migrated'),
      })
      if (onStart) {
        await found.up()
        return
      }
      const pending = (await found.status()).filter(({ state }) => state === 'pending').map(({ name }) => name)
      if (pending.length > 0) log.warn({ pending }, 'Migrations are pending: run glueful migrate')
    },
  }
}
