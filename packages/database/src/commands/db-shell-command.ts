import { createInterface } from 'node:readline'
import type { Command } from 'glueful'
import { currentDatabases } from '../connection/databases.ts'
import { fail } from '../errors.ts'
import { setupOf } from './command-setup.ts'
import { createDatabaseShell } from './database-shell.ts'

/** `glueful db shell` */
export const shellCommand: Command = {
  name: 'db shell',
  summary: 'Run SQL on a connection, as it is typed, read from standard input, or given',
  options: {
    connection: { summary: 'Which connection (default: default)', value: 'NAME' },
    query: { summary: 'Run this and end', value: 'SQL' },
    write: 'Allow writes in production, where a shell only reads',
  },
  run: (input) => {
    const setup = setupOf(input)
    const { options, print } = input
    const query = textOption(options['query'], 'query')
    const connection = textOption(options['connection'], 'connection') ?? 'default'
    return setup.connected(async () => {
      const database = currentDatabases().connection(connection)
      const readOnly = setup.environment === 'production' && options['write'] !== true
      const shell = createDatabaseShell({ database, print, readOnly })
      if (query !== undefined) return (await shell.line(`${query};`)) ? 0 : 1
      const interactive = process.stdin.isTTY
      const lines = createInterface({ input: process.stdin, ...(interactive ? { output: process.stdout } : {}), prompt: `${database.dialect}> ` })
      if (interactive) print(`${connection}${readOnly ? ', read-only' : ''}; a statement ends with a semicolon, \\q or Ctrl+D ends the shell`)
      if (interactive) lines.prompt()
      let succeeded = true
      for await (const line of lines) {
        if (line.trim() === '\\q') break
        succeeded = (await shell.line(line)) && succeeded
        lines.setPrompt(shell.unfinished ? '   ...> ' : `${database.dialect}> `)
        if (interactive) lines.prompt()
      }
      if (shell.unfinished) succeeded = (await shell.line(';')) && succeeded
      return succeeded || interactive ? 0 : 1
    })
  },
}

/** @throws `COMMAND_ARGUMENT_INVALID` */
function textOption(given: string | boolean | undefined, name: string): string | undefined {
  if (given === undefined || (typeof given === 'string' && given.trim() !== '')) return given
  throw fail('COMMAND_ARGUMENT_INVALID', { what: `--${name}`, found: String(given), expected: 'a text' })
}
