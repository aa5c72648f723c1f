import { writeFile } from 'node:fs/promises'
import { appOption, type BuiltInCommand } from '../command-definition.ts'
import { loadConfiguredApp } from '../load-app.ts'

export const command: BuiltInCommand = {
  args: { ...appOption, output: { type: 'string', description: 'Write to this file instead of printing', valueHint: 'FILE' } },
  run: async (args) => {
    const app = await loadConfiguredApp(args['app'] as string | undefined)
    const text = `${JSON.stringify(app.openapi(), undefined, 2)}\n`
    if (args['output'] === undefined) process.stdout.write(text)
    else await writeFile(args['output'] as string, text)
    return 0
  },
}
