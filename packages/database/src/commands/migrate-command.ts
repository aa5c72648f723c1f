import type { Command, CommandInput } from 'glueful'
import type { ManagedDatabase } from '../connection/create-database.ts'
import { renderFindings, stopping } from '../lint/lint-migrations.ts'
import { lintPending } from '../migrations/inspect-migrations.ts'
import type { MigrationSetup } from '../migrations/migration-setup.ts'
import type { MigratedStep } from '../migrations/migrator.ts'
import { previewMigration } from '../migrations/preview-migration.ts'
import { jsonOption, setupOf } from './command-setup.ts'

/** `glueful migrate` */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Run the migrations that are pending',
  options: {
    'dry-run': 'Print what would run, and what the safety lint says of it; change nothing',
    force: 'Also what the safety lint objects to',
    ...jsonOption,
  },
  run: async (input) => {
    const setup = setupOf(input)
    return setup.connected(async (database) => {
      if (input.options['dry-run'] === true) return preview(input, setup, database)
      const migrator = await setup.migrator(database, { force: input.options['force'] === true, onMigrated: reporter(input) })
      return finish(input, await migrator.up(), 'Nothing to migrate.')
    })
  },
}

/** Says what has run as it happens, unless JSON is wanted in the end. */
export function reporter(input: CommandInput): (step: MigratedStep) => void {
  return ({ name, direction, durationMs }) => {
    if (input.options['json'] !== true) input.print(`${direction === 'up' ? 'migrated   ' : 'rolled back'}  ${name}  ${durationMs} ms`)
  }
}

export function finish(input: CommandInput, steps: readonly MigratedStep[], nothing: string): number {
  if (input.options['json'] === true) input.print(JSON.stringify(steps, undefined, 2))
  else if (steps.length === 0) input.print(nothing)
  return 0
}

async function preview(input: CommandInput, setup: MigrationSetup, database: ManagedDatabase): Promise<number> {
  const names = new Set(await (await setup.migrator(database)).pending())
  const pending = (await setup.migrations(database)).filter(({ name }) => names.has(name))
  const findings = await lintPending(pending, { database, models: setup.models, lockTimeout: setup.lockTimeout })
  const steps = await Promise.all(pending.map(async (migration) => ({ name: migration.name, statements: await previewMigration(migration, 'up', database) })))
  if (input.options['json'] === true) input.print(JSON.stringify({ pending: steps, findings }, undefined, 2))
  else {
    if (steps.length === 0) input.print('Nothing to migrate.')
    for (const { name, statements } of steps) input.print(`-- ${name}\n${statements.map((text) => `${text};`).join('\n')}\n`)
    if (findings.length > 0) input.print(`Safety lint:\n${renderFindings(findings)}`)
  }
  return stopping(findings).length === 0 ? 0 : 1
}
