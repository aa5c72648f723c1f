import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command, CommandInput } from 'glueful'
import { migrationName } from '../migrations/migration-name.ts'
import { setupOf } from './command-setup.ts'
import { sourceFolder, writeFile, writeOptions } from './written-file.ts'
import { requireName } from './words.ts'

const shared = {
  arguments: 'NAME',
  options: { sql: 'In SQL', ...writeOptions },
  run: async (input: CommandInput) => {
    writeMigration(input, requireName(input.args[0], 'the name of the migration').join('_'))
  },
}

/** `glueful make migration` */
export const makeMigrationCommand: Command = {
  name: 'make migration',
  summary: 'Write a migration; create_cars, add_price_to_cars and drop_price_from_cars fill it in, other names start a SQL file',
  ...shared,
}

/** `glueful migrate make` */
export const migrateMakeCommand: Command = { ...makeMigrationCommand, name: 'migrate make', summary: 'The same as make migration' }

/** The folder of the application's migrations. */
export function migrationFolder(input: CommandInput): string {
  const { folder } = setupOf(input)
  if (folder === undefined) return join(sourceFolder(), 'migrations')
  return typeof folder === 'string' ? folder : fileURLToPath(folder)
}

export function writeMigration(input: CommandInput, words: string): void {
  const name = migrationName(words, new Date())
  const filled = input.options['sql'] === true ? undefined : fillIn(words)
  const file = join(migrationFolder(input), `${name}.${filled === undefined ? 'sql' : 'ts'}`)
  writeFile(input, file, filled === undefined ? '-- up\n\n-- down\n' : renderMigration(name, filled))
}

interface Filled {
  readonly imports: readonly string[]
  readonly up: string
  readonly down: string
}

function fillIn(words: string): Filled | undefined {
  const created = /^create_(.+?)(?:_table)?$/.exec(words)?.[1]
  if (created !== undefined) {
    return {
      imports: ['migration', 'string', 'timestamps', 'uuid'],
      up: `schema.createTable('${created}', {\n      id: uuid().primary(),\n      name: string(),\n      ...timestamps(),\n    })`,
      down: `schema.dropTable('${created}')`,
    }
  }
  const [, verb, column, table] = /^(add|drop|remove)_(.+)_(?:to|from)_(.+)$/.exec(words) ?? []
  if (column === undefined || table === undefined) return undefined
  const add = `schema.addColumn('${table}', '${column}', string().nullable())`
  const drop = `schema.dropColumn('${table}', '${column}')`
  return { imports: ['migration', 'string'], ...(verb === 'add' ? { up: add, down: drop } : { up: drop, down: add }) }
}

function renderMigration(name: string, { imports, up, down }: Filled): string {
  return `import { ${imports.join(', ')} } from '@glueful/database'

export default migration('${name}', {
  up: (schema) =>
    ${up},
  down: (schema) => ${down},
})
`
}
