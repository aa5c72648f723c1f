import { join } from 'node:path'
import type { Command } from 'glueful'
import { diffModels } from '../migrations/diff/diff-models.ts'
import { renderDiff } from '../migrations/diff/render-diff.ts'
import { migrationName } from '../migrations/migration-name.ts'
import { setupOf } from './command-setup.ts'
import { migrationFolder } from './make-migration-command.ts'
import { requireName } from './words.ts'
import { writeFile, writeOptions } from './written-file.ts'

/** `glueful migrate diff` */
export const diffCommand: Command = {
  name: 'migrate diff',
  summary: 'Write the migration that makes the database as the models say',
  arguments: '[NAME]',
  options: { ...writeOptions },
  run: async (input) => {
    const setup = setupOf(input)
    const words = requireName(input.args[0] ?? 'models_changed', 'the name of the migration').join('_')
    const diff = await setup.connected(async (database) => diffModels(database, setup.models, await setup.extensionMigrations()))
    for (const note of diff.notes) input.print(`note     ${note}`)
    if (diff.differences.length === 0) {
      input.print(setup.models.length === 0 ? 'database({ models }) names no models.' : 'The database is as the models say.')
      return
    }
    const name = migrationName(words, new Date())
    writeFile(input, join(migrationFolder(input), `${name}.ts`), renderDiff(name, diff))
  },
}
