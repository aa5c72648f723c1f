import type { Command } from 'glueful'
import { currentDatabases } from '../connection/databases.ts'
import { jsonOption, renderColumns, setupOf } from './command-setup.ts'
import { describeDatabase, type DatabaseDescription } from './describe-database.ts'

/** `glueful db show` */
export const showCommand: Command = {
  name: 'db show',
  summary: 'Show the connections: server, size, tables and their rows',
  options: { ...jsonOption },
  run: async (input) => {
    const found = await setupOf(input).connected(async () => {
      const descriptions: DatabaseDescription[] = []
      for (const database of currentDatabases().all.values()) descriptions.push(await describeDatabase(database))
      return descriptions
    })
    input.print(input.options['json'] === true ? JSON.stringify(found, undefined, 2) : found.map(render).join('\n\n'))
  },
}

function render({ name, dialect, version, bytes, tables }: DatabaseDescription): string {
  const rows = tables.map((table) => [`  ${table.name}`, String(table.rows), table.bytes === undefined ? '' : toSize(table.bytes)])
  const list = rows.length === 0 ? '  no tables' : renderColumns([['  TABLE', 'ROWS', 'SIZE'], ...rows])
  return `${name}: ${dialect} ${version}, ${toSize(bytes)}\n${list}`
}

function toSize(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} kB` : `${Math.round(bytes / 104_857.6) / 10} MB`
}
