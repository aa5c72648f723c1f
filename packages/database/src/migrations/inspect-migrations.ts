import type { Logger } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { fail } from '../errors.ts'
import { lintMigrations, renderFindings, stopping, type Finding } from '../lint/lint-migrations.ts'
import { readLiveFacts } from '../lint/live-facts.ts'
import type { ModelTable } from '../schema/model-tables.ts'
import { overDatabase } from './migration-connection.ts'
import type { Migration } from './migration.ts'
import { recordChanges } from './record-changes.ts'
import { joinTables, readReleaseTables } from './release-tables.ts'

export interface InspectionParts {
  readonly database: ManagedDatabase
  readonly models: readonly ModelTable[]
  readonly lockTimeout: number
  readonly log: Logger
  /** Whether an error of the lint stops the run. */
  readonly stops: boolean
}

/** What the lint says of migrations that are to run. */
export async function lintPending(
  pending: readonly Migration[],
  { database, models, lockTimeout }: Pick<InspectionParts, 'database' | 'models' | 'lockTimeout'>,
): Promise<Finding[]> {
  const { dialect } = database
  const linted = await Promise.all(
    pending.map(async (migration) => ({
      name: migration.name,
      changes: (await recordChanges(migration, 'up', dialect)).changes,
      transaction: migration.transaction !== false,
      reversible: migration.down !== undefined,
      safe: migration.safe,
    })),
  )
  // The release that runs now, and the one that is about to.
  const coming = new Map(models.map(({ table, columns }) => [table, new Set(Object.keys(columns))]))
  const release = joinTables(await readReleaseTables(overDatabase(database)), coming)
  return lintMigrations(linted, { dialect, lockTimeout, release, live: await readLiveFacts(database) })
}

/**
 * Looks at what is to run before anything does. In production errors stop it; elsewhere they are told, so that they are
 * known before the release.
 * @throws `MIGRATION_UNSAFE`
 */
export async function inspectMigrations(pending: readonly Migration[], parts: InspectionParts): Promise<void> {
  const findings = await lintPending(pending, parts)
  const errors = stopping(findings)
  if (parts.stops && errors.length > 0) throw fail('MIGRATION_UNSAFE', { report: renderFindings(errors) })
  for (const { migration, rule, severity, line, problem, recipe, safe } of findings) {
    if (safe === undefined) parts.log[severity === 'error' ? 'warn' : 'info']({ migration, rule, line, recipe }, `Unsafe in production: ${problem}`)
    else parts.log.info({ migration, rule, line, safe }, `Said to be safe: ${problem}`)
  }
}
