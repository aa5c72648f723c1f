import { readVersionsFile, writeVersionsFile, type Deprecation } from 'glueful'
import { appOption, type BuiltInCommand } from '../command-definition.ts'
import { fail } from '../errors.ts'
import { loadConfiguredApp } from '../load-app.ts'

export const command: BuiltInCommand = {
  args: {
    version: { type: 'positional', description: 'The version, as in versions.supported', required: false },
    ...appOption,
    since: { type: 'string', description: 'From when on (default: today)', valueHint: 'DATE' },
    sunset: { type: 'string', description: 'When it stops working', valueHint: 'DATE' },
    link: { type: 'string', description: 'A page that says more', valueHint: 'URL' },
    successor: { type: 'string', description: 'What takes its place', valueHint: 'URL' },
    undo: { type: 'boolean', description: 'Take the deprecation back' },
    'dry-run': { type: 'boolean', description: 'Print the file instead of writing it' },
  },
  run: async (args) => {
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    const served = app.versions()
    const [version] = args._
    if (served === undefined || version === undefined || !served.supported.includes(version))
      throw fail('COMMAND_OPTION_INVALID', {
        option: 'version',
        found: version ?? '',
        expected: served === undefined ? 'an application with versions' : `one of ${served.supported.join(', ')}`,
      })
    const { [version]: _, ...others } = readVersionsFile(served.file)
    const text = (name: string) => args[name] as string | undefined
    const deprecated: Deprecation = {
      since: text('since') ?? new Date().toISOString().slice(0, 10),
      ...(text('sunset') === undefined ? {} : { sunset: text('sunset') as string }),
      ...(text('link') === undefined ? {} : { link: text('link') as string }),
      ...(text('successor') === undefined ? {} : { successor: text('successor') as string }),
    }
    const undo = args['undo'] === true
    const versions = undo ? others : { ...others, [version]: { deprecated } }
    if (args['dry-run'] === true) {
      process.stdout.write(`${JSON.stringify({ versions }, undefined, 2)}\n`)
      return 0
    }
    writeVersionsFile(served.file, versions)
    process.stdout.write(`${served.file} says that version ${version} is ${undo ? 'not ' : ''}deprecated. Commit it; processes read it when they start.\n`)
    return 0
  },
}
