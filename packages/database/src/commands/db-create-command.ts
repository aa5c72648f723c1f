import type { Command } from 'glueful'
import { jsonOption, setupOf } from './command-setup.ts'

/** `glueful db create` */
export const createCommand: Command = {
  name: 'db create',
  summary: 'Make the databases that the connections name and that are not there yet',
  options: { ...jsonOption },
  run: async (input) => {
    const results = await setupOf(input).createDatabases()
    if (input.options['json'] === true) {
      input.print(JSON.stringify(results, undefined, 2))
      return
    }
    for (const { connection, target, created } of results) {
      const what = created ? 'created' : target.startsWith('sqlite:') ? 'is a file, made when it is first used' : 'is there'
      input.print(`${connection}: ${target} ${what}`)
    }
  },
}
