import { fileURLToPath } from 'node:url'
import { service, type Environment, type Extension, type Logger, type Service } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import type { DatabaseCreation } from '../extension/create-missing-databases.ts'
import type { OpenDatabases } from '../extension/open-databases.ts'
import type { ModelTable } from '../schema/model-tables.ts'
import { loadSeeders, type SeederSource } from '../seeders/load-seeders.ts'
import { runSeeders } from '../seeders/run-seeders.ts'
import type { Seeder } from '../seeders/seeder.ts'
import { runInScope } from '../transaction/scope.ts'
import { collectMigrations } from './collect-migrations.ts'
import { inspectMigrations } from './inspect-migrations.ts'
import { overDatabase } from './migration-connection.ts'
import type { Migration } from './migration.ts'
import { createMigrator, type MigratedStep, type Migrator } from './migrator.ts'
import { noteReleaseTables } from './release-tables.ts'

export interface MigrationSetupParts {
  readonly folder: string | URL | undefined
  readonly models: readonly ModelTable[]
  readonly onStart: boolean
  readonly seederSource: SeederSource
  /** Whether starting runs the seeders that have not run; never in production. */
  readonly seedOnStart: boolean
  readonly extensions: readonly Extension[]
  readonly environment: Environment
  readonly log: Logger
  readonly lockTimeout: number
  readonly wait: number
  /** Makes the databases that are not there. */
  readonly createDatabases: () => Promise<readonly DatabaseCreation[]>
  /** Connections for migrating alone, not started: their statements may take hours. */
  readonly open: () => OpenDatabases
}

/** What it takes to migrate an application, whether it starts or not. */
export interface MigrationSetup {
  readonly folder: string | URL | undefined
  readonly models: readonly ModelTable[]
  readonly environment: Environment
  readonly lockTimeout: number
  /** Makes the databases that the connections name and that their servers do not have. */
  createDatabases(): Promise<readonly DatabaseCreation[]>
  /** Runs `work` with connections of its own, which models and `transaction` find there. */
  connected<T>(work: (database: ManagedDatabase) => Promise<T>): Promise<T>
  migrations(database: ManagedDatabase): Promise<Migration[]>
  migrator(database: ManagedDatabase, options?: MigrateOptions): Promise<Migrator>
  seeders(): Promise<readonly Seeder[]>
  /** Where the seeders are, if they are in a folder. */
  readonly seederFolder: string | undefined
  extensionMigrations(): Promise<readonly Migration[]>
  /** Migrates, or says in the log what is pending; then seeds. */
  start(database: ManagedDatabase): Promise<void>
}

export interface MigrateOptions {
  readonly wait?: number
  readonly onMigrated?: (step: MigratedStep) => void
  /** Runs what the lint objects to, in production too. Default: false. */
  readonly force?: boolean
}

/** Available without the services being started. */
export const MigrationSetup: Service<MigrationSetup> = service<MigrationSetup>('migrations')

// A service has 30 seconds to start; this comes first and says more.
const startWait = 25_000

export function createMigrationSetup(parts: MigrationSetupParts): MigrationSetup {
  const { folder, models, onStart, seederSource, seedOnStart, extensions, environment, log, lockTimeout, wait, open, createDatabases } = parts
  const migrations = (database: ManagedDatabase) => collectMigrations({ folder, extensions }, database.dialect)

  async function connected<T>(work: (database: ManagedDatabase) => Promise<T>): Promise<T> {
    const databases = open()
    await databases.start()
    try {
      return await runInScope({ databases, use: undefined, transaction: undefined }, () => work(databases.default))
    } finally {
      await databases.stop()
    }
  }

  const seeders = () => loadSeeders(seederSource)

  const migrator: MigrationSetup['migrator'] = async (database, { force = false, ...options } = {}) =>
    createMigrator({
      wait,
      ...options,
      lockTimeout,
      database,
      migrations: await migrations(database),
      inspect: (pending) => inspectMigrations(pending, { database, models, lockTimeout, log, stops: environment === 'production' && !force }),
    })

  return {
    folder,
    models,
    environment,
    lockTimeout,
    createDatabases,
    connected,
    migrations,
    migrator,
    seeders,
    seederFolder: typeof seederSource === 'string' ? seederSource : seederSource instanceof URL ? fileURLToPath(seederSource) : undefined,
    extensionMigrations: async () => extensions.flatMap((extension) => extension.migrations ?? []),
    async start(database) {
      const onMigrated = ({ name, durationMs }: MigratedStep) => log.info({ migration: name, duration: durationMs }, 'Migrated')
      const prepare = async (own: ManagedDatabase) => {
        if (onStart) await (await migrator(own, { onMigrated, wait: startWait })).up()
        if (!seeds) return
        const steps = await runSeeders(own, await seeders(), { wait: startWait })
        for (const { name, ran, durationMs } of steps) if (ran) log.info({ seeder: name, duration: durationMs }, 'Seeded')
      }
      const pending = await (await migrator(database)).pending()
      const seeds = seedOnStart && environment === 'development'
      if (!onStart && pending.length > 0) log.warn({ pending }, 'Migrations are pending: run glueful migrate')
      if ((onStart && pending.length > 0) || seeds) await ((await isInMemory(database)) ? prepare(database) : connected(prepare))
      // From here on this is the release that runs.
      if (environment === 'production') await noteReleaseTables(overDatabase(database), models, new Date())
    },
  }
}

/** Another connection would have another database. */
async function isInMemory(database: ManagedDatabase): Promise<boolean> {
  if (database.dialect !== 'sqlite') return false
  const { rows } = await database.execute('select file from pragma_database_list where name = ?', ['main'], { writes: true })
  return (rows[0]?.[0] ?? '') === ''
}
