import { readFileSync } from 'node:fs'
import { diffDocuments } from '../api-diff/diff-documents.ts'
import { appOption, jsonOption, type BuiltInCommand } from '../command-definition.ts'
import { fail } from '../errors.ts'
import { loadConfiguredApp } from '../load-app.ts'

export const command: BuiltInCommand = {
  args: {
    old: { type: 'positional', description: 'OpenAPI document of what clients know', required: false },
    new: { type: 'positional', description: 'OpenAPI document to compare with (default: that of the application)', required: false },
    ...appOption,
    ...jsonOption,
    'api-version': { type: 'string', description: 'Version of the application to compare with', valueHint: 'VERSION' },
  },
  run: async (args) => {
    const [old, fresh] = args._
    if (old === undefined)
      throw fail('COMMAND_OPTION_INVALID', { option: 'old', found: '', expected: 'the file of an OpenAPI document: glueful api diff OLD.json' })
    const before = readDocument(old)
    const after =
      fresh === undefined
        ? (await loadConfiguredApp(args['app'] as string | undefined)).openapi(args['api-version'] as string | undefined)
        : readDocument(fresh)
    const changes = diffDocuments(before, after)
    if (args['json'] === true) process.stdout.write(`${JSON.stringify(changes, undefined, 2)}\n`)
    else if (changes.length === 0) process.stdout.write('Nothing breaks.\n')
    else
      process.stdout.write(
        `${changes.map(({ where, message }) => `${where}: ${message}`).join('\n')}\n\n${changes.length} breaking change${changes.length === 1 ? '' : 's'}\n`,
      )
    return changes.length === 0 ? 0 : 1
  },
}

function readDocument(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw fail('DOCUMENT_UNREADABLE', { file, reason: (cause as Error).message.split('\n', 1)[0] as string }, { cause })
  }
}
