import type { Command, CommandInput } from 'glueful'
import type { Migrator } from '../migrations/migrator.ts'
import { previewMigration } from '../migrations/preview-migration.ts'
import { forceOption, jsonOption, requireForce, setupOf, wholeNumber } from './command-setup.ts'
import { finish, reporter } from './migrate-command.ts'
import { seed } from './seed-command.ts'

/** `glueful migrate rollback` */
export const rollbackCommand: Command = {
  name: 'migrate rollback',
  summary: 'Undo the last run of migrate, or its last steps',
  options: {
    steps: { summary: 'How many migrations to undo (default: those of the last run)', value: 'N' },
    'dry-run': 'Print what would run; change nothing',
    ...forceOption,
    ...jsonOption,
  },
  run: async (input) => {
    const steps = wholeNumber(input, 'steps')
    if (input.options['dry-run'] === true) return preview(input, steps)
    return back(input, 'migrate rollback', 'undoes migrations, and may lose what was written since', (migrator) => migrator.rollback(steps))
  },
}

/** `glueful migrate reset` */
export const resetCommand: Command = {
  name: 'migrate reset',
  summary: 'Undo all migrations',
  options: { ...forceOption, ...jsonOption },
  run: (input) => back(input, 'migrate reset', 'undoes all migrations, and loses all data', (migrator) => migrator.reset()),
}

/** `glueful migrate fresh` */
export const freshCommand: Command = {
  name: 'migrate fresh',
  summary: 'Drop all tables, and run all migrations',
  options: { seed: 'Run the seeders afterwards', ...forceOption, ...jsonOption },
  run: async (input) => {
    const code = await back(input, 'migrate fresh', 'drops all tables with all data', (migrator) => migrator.fresh())
    // Its `seed` is a word, and not the number that `db seed` takes.
    return input.options['seed'] === true ? seed({ ...input, options: { ...input.options, seed: '1' } }, []) : code
  },
}

async function back(input: CommandInput, command: string, danger: string, work: (migrator: Migrator) => ReturnType<Migrator['reset']>): Promise<number> {
  const setup = setupOf(input)
  requireForce(input, setup, command, danger)
  return setup.connected(async (database) => {
    const migrator = await setup.migrator(database, { force: true, onMigrated: reporter(input) })
    return finish(input, await work(migrator), 'Nothing to undo.')
  })
}

async function preview(input: CommandInput, steps: number | undefined): Promise<number> {
  const setup = setupOf(input)
  return setup.connected(async (database) => {
    const names = await (await setup.migrator(database)).rollbackPlan(steps)
    const all = await setup.migrations(database)
    for (const name of names) {
      const migration = all.find((candidate) => candidate.name === name)
      const statements = migration === undefined ? ['-- not part of this application'] : await previewMigration(migration, 'down', database)
      input.print(`-- ${name}\n${statements.map((text) => `${text};`).join('\n')}\n`)
    }
    return 0
  })
}
