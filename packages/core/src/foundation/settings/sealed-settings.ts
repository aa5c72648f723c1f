import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import { createSeal, type Seal } from '../sealing/seal.ts'
import { deriveKey } from '../sealing/sealing-key.ts'
import { parseDotenv } from './parse-dotenv.ts'
import { isGiven, type EnvironmentVariables } from './read-settings.ts'
import { readSecretFile } from './secret-file.ts'

/** The name of an environment's encrypted settings file. */
export function sealedSettingsFile(environment: Environment): string {
  return `.env.${environment}.encrypted`
}

const purpose = 'settings file'
const leastKey = 32
const lineLength = 100

/**
 * The text of an encrypted settings file: a comment, and the sealed settings over several lines.
 * @throws `SETTINGS_KEY_MISSING`, `SETTINGS_KEY_INVALID`, `DOTENV_MALFORMED` for a text that could not be read again
 */
export function sealSettings(text: string, environment: Environment, env: EnvironmentVariables): string {
  parseDotenv(text, `the settings of ${environment}`)
  const sealed = sealFrom(env, sealedSettingsFile(environment)).seal(text, environment)
  const lines = sealed.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []
  return [`# Settings of ${environment}, by glueful env encrypt. SETTINGS_KEY opens them.`, ...lines, ''].join('\n')
}

/**
 * The text of settings that `sealSettings` sealed for this environment.
 * @throws `SETTINGS_KEY_MISSING`, `SETTINGS_KEY_INVALID`, `SETTINGS_FILE_REFUSED` where no key opens it, it was changed, or it is of another environment
 */
export function openSettings(sealed: string, environment: Environment, env: EnvironmentVariables): string {
  const file = sealedSettingsFile(environment)
  const seal = sealFrom(env, file)
  const body = sealed
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .join('')
    .trim()
  try {
    return seal.open(body, environment)
  } catch {
    throw fail('SETTINGS_FILE_REFUSED', { file })
  }
}

/**
 * The values of an environment's encrypted settings file; empty where there is none.
 * @throws as `openSettings`, `DOTENV_UNREADABLE`
 */
export function readSealedSettings(directory: string, environment: Environment, env: EnvironmentVariables): Record<string, string> {
  const name = sealedSettingsFile(environment)
  let sealed: string
  try {
    sealed = readFileSync(join(directory, name), 'utf8')
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return {}
    throw fail('DOTENV_UNREADABLE', { file: join(directory, name), reason: code }, { cause: error })
  }
  return parseDotenv(openSettings(sealed, environment, env), name)
}

function sealFrom(env: EnvironmentVariables, file: string): Seal {
  const current = keyFrom(env, 'SETTINGS_KEY')
  if (current === undefined) throw fail('SETTINGS_KEY_MISSING', { file })
  const previous = (keyFrom(env, 'SETTINGS_PREVIOUS_KEYS') ?? '').split(',').map((key) => key.trim())
  return createSeal(purpose, { current: derive(current), earlier: previous.filter((key) => key !== '').map(derive) })
}

function derive(secret: string) {
  if (secret.length < leastKey) throw fail('SETTINGS_KEY_INVALID', { reason: `a key has ${secret.length} characters, and at least ${leastKey} are needed` })
  return deriveKey(secret, purpose)
}

/** Only from the process: a file beside the encrypted one would give its key away. */
function keyFrom(env: EnvironmentVariables, name: string): string | undefined {
  const [text, file] = [env[name], env[`${name}_FILE`]]
  if (!isGiven(file)) return isGiven(text) ? text : undefined
  if (isGiven(text)) throw fail('SETTINGS_KEY_INVALID', { reason: `both ${name} and ${name}_FILE are set` })
  const read = readSecretFile(file)
  if ('problem' in read) throw fail('SETTINGS_KEY_INVALID', { reason: `${name}_FILE names ${read.problem}` })
  return read.text
}
