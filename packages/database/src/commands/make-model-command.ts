import { join } from 'node:path'
import type { Command, CommandInput } from 'glueful'
import { string, timestamps, uuid } from '../columns/builders.ts'
import { setupOf } from './command-setup.ts'
import { renderFactory } from './factory-code.ts'
import { requireModel } from './require-model.ts'
import { writeMigration } from './make-migration-command.ts'
import { addToIndex, sourceFolder, writeFile, writeOptions } from './written-file.ts'
import { kebab, pascal, requireName, tableOf, wordsOf } from './words.ts'

const columns = { id: uuid().primary(), name: string(), ...timestamps() }
const columnLines = ['id: uuid().primary(),', 'name: string(),', '...timestamps(),']

/** `glueful make model` */
export const makeModelCommand: Command = {
  name: 'make model',
  summary: 'Write a model, and with it what it needs',
  arguments: 'NAME',
  options: { migration: 'Also the migration that makes its table', factory: 'Also its factory', seeder: 'Also its factory and a seeder', ...writeOptions },
  run: async (input) => {
    const words = requireName(input.args[0], 'the name of the model')
    const [name, table, folder] = [pascal(words), tableOf(words), join(sourceFolder(), 'models')]
    writeFile(
      input,
      join(folder, `${kebab(words)}.ts`),
      `import { Model, string, timestamps, uuid } from '@glueful/database'

export class ${name} extends Model('${table}', {
${columnLines.map((line) => `  ${line}`).join('\n')}
}) {}
`,
    )
    addToIndex(input, folder, `${kebab(words)}.ts`)
    const { options } = input
    if (options['migration'] === true) writeMigration(input, `create_${table}`)
    if (options['factory'] === true || options['seeder'] === true) writeFile(input, factoryFile(words), renderFactory(words, columns))
    if (options['seeder'] === true) writeSeeder(input, words)
  },
}

/** `glueful make factory` */
export const makeFactoryCommand: Command = {
  name: 'make factory',
  summary: 'Write the factory of a model, from its columns',
  arguments: 'MODEL',
  options: { ...writeOptions },
  run: async (input) => {
    const words = requireName(input.args[0]?.replace(/[-_]?factory$/i, ''), 'the name of the model')
    const model = requireModel(input, words)
    writeFile(input, factoryFile(words), renderFactory(wordsOf(model.name), model.columns))
  },
}

/** `glueful make seeder` */
export const makeSeederCommand: Command = {
  name: 'make seeder',
  summary: 'Write a seeder that fills the table of a model by its factory',
  arguments: 'MODEL',
  options: { ...writeOptions },
  run: async (input) => writeSeeder(input, requireName(input.args[0]?.replace(/[-_]?seeder$/i, ''), 'the name of the model')),
}

const factoryFile = (words: readonly string[]) => join(sourceFolder(), 'factories', `${kebab(words)}-factory.ts`)

function writeSeeder(input: CommandInput, words: readonly string[]): void {
  const { seederFolder } = setupOf(input)
  writeFile(
    input,
    join(seederFolder ?? join(sourceFolder(), 'seeders'), `${tableOf(words).replaceAll('_', '-')}.ts`),
    `import { seeder } from '@glueful/database'
import { ${pascal(words)}Factory } from '../factories/${kebab(words)}-factory.ts'

export default seeder('${tableOf(words)}', {
  run: () => ${pascal(words)}Factory.count(10).create(),
})
`,
  )
}
