import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { syncEnvExample } from 'glueful/settings'
import { appOption, type BuiltInCommand } from '../command-definition.ts'
import { loadApp } from '../load-app.ts'
import { declaredSettings } from '../app-environment.ts'

export const command: BuiltInCommand = {
  args: { ...appOption, example: { type: 'string', description: 'The example file (default: .env.example)', valueHint: 'FILE' } },
  run: async (args) => {
    const app = await loadApp(args['app'] as string | undefined)
    const file = (args['example'] as string | undefined) ?? '.env.example'
    const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const after = syncEnvExample(before, declaredSettings(app))
    if (after === before) {
      process.stdout.write(`${file} is up to date.\n`)
      return 0
    }
    writeFileSync(file, after)
    process.stdout.write(`${file} is written.\n`)
    return 0
  },
}
