import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Environment } from 'glueful'
import { openSettings, sealedSettingsFile, sealSettings } from 'glueful/settings'
import type { BuiltInCommand } from '../command-definition.ts'
import { environmentOf, environmentOption } from '../env-option.ts'
import { fail } from '../errors.ts'

export const command: BuiltInCommand = {
  args: {
    ...environmentOption,
    input: { type: 'string', description: 'The settings (default: .env.<environment>)', valueHint: 'FILE' },
    'generate-key': { type: 'boolean', description: 'Make a key and print it, instead of taking SETTINGS_KEY' },
    remove: { type: 'boolean', description: 'Remove the file with the settings afterwards' },
  },
  run: async (args) => {
    const environment = environmentOf(args['environment'])
    const input = (args['input'] as string | undefined) ?? `.env.${environment}`
    const output = sealedSettingsFile(environment)
    if (!existsSync(input)) throw fail('ENV_FILE_MISSING', { file: input })
    const made = args['generate-key'] === true ? randomBytes(32).toString('base64') : undefined
    const env = made === undefined ? process.env : { SETTINGS_KEY: made }
    const text = readFileSync(input, 'utf8')
    if (holds(output, environment, env, text)) process.stdout.write(`${output} is up to date.\n`)
    else {
      // A reader finds the file as it was or as it is, never half of it.
      writeFileSync(`${output}.new`, sealSettings(text, environment, env))
      renameSync(`${output}.new`, output)
      process.stdout.write(`${output} is written.\n`)
    }
    if (made !== undefined) process.stdout.write(`SETTINGS_KEY=${made}\nKeep it where the settings are not; it is not shown again.\n`)
    if (args['remove'] === true) rmSync(input)
    return 0
  },
}

/** Whether the file says the same already: another nonce alone would be a change to review. */
function holds(file: string, environment: Environment, env: Readonly<Record<string, string | undefined>>, text: string): boolean {
  if (!existsSync(file)) return false
  try {
    return openSettings(readFileSync(file, 'utf8'), environment, { ...env, SETTINGS_PREVIOUS_KEYS: undefined, SETTINGS_PREVIOUS_KEYS_FILE: undefined }) === text
  } catch {
    // Written under another key, or damaged: it is written anew.
    return false
  }
}
