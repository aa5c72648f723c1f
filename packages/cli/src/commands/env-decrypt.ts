import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { openSettings, sealedSettingsFile } from 'glueful/settings'
import type { BuiltInCommand } from '../command-definition.ts'
import { environmentOf, environmentOption } from '../env-option.ts'
import { fail } from '../errors.ts'

export const command: BuiltInCommand = {
  args: {
    ...environmentOption,
    output: { type: 'string', description: 'File to write, only readable by its owner (default: standard output)', valueHint: 'FILE' },
    force: { type: 'boolean', description: 'Write over a file that is there' },
  },
  run: async (args) => {
    const environment = environmentOf(args['environment'])
    const input = sealedSettingsFile(environment)
    const output = args['output'] as string | undefined
    if (!existsSync(input)) throw fail('ENV_FILE_MISSING', { file: input })
    if (output !== undefined && existsSync(output) && args['force'] !== true) throw fail('ENV_FILE_EXISTS', { file: output })
    const text = openSettings(readFileSync(input, 'utf8'), environment, process.env)
    if (output === undefined) process.stdout.write(text)
    else {
      writeFileSync(output, text, { mode: 0o600 })
      process.stdout.write(`${output} is written.\n`)
    }
    return 0
  },
}
