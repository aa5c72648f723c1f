import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import { readDotenvFile } from './dotenv.ts'
import { readSealedSettings } from './sealed-settings.ts'
import { isGiven, type EnvironmentVariables, type SettingsSource } from './read-settings.ts'

export interface ReadEnvironmentOptions {
  /** Where `.env` files are. Default: the working directory. */
  readonly directory?: string
  /** Default: the process environment. */
  readonly env?: EnvironmentVariables
  /** Default: APP_ENV or NODE_ENV of `env`, else of `.env.local` or `.env`, else development. */
  readonly environment?: Environment
}

/**
 * What a process started here reads its settings from: its environment, over the files `.env`, `.env.<environment>`,
 * `.env.<environment>.encrypted` and `.env.local` (not in tests, which must not depend on whose machine they run on), later
 * ones overriding. Files that are not there are passed over.
 * @throws `ENVIRONMENT_UNKNOWN`, `DOTENV_MALFORMED`, `DOTENV_UNREADABLE`, `SETTINGS_KEY_MISSING`, `SETTINGS_KEY_INVALID`, `SETTINGS_FILE_REFUSED`
 */
export function readEnvironment({ directory = process.cwd(), env = process.env, environment }: ReadEnvironmentOptions = {}): SettingsSource {
  const named = environment ?? namedIn(env) ?? namedIn(readDotenvFile(directory, '.env.local')) ?? namedIn(readDotenvFile(directory, '.env')) ?? 'development'
  return {
    environment: named,
    variables: {
      ...readDotenvFile(directory, '.env'),
      ...readDotenvFile(directory, `.env.${named}`),
      ...readSealedSettings(directory, named, env),
      ...(named === 'test' ? {} : readDotenvFile(directory, '.env.local')),
      ...env,
    },
  }
}

function namedIn({ APP_ENV, NODE_ENV }: EnvironmentVariables): Environment | undefined {
  const found = isGiven(APP_ENV) ? APP_ENV : NODE_ENV
  if (!isGiven(found)) return undefined
  if (found === 'development' || found === 'test' || found === 'production') return found
  throw fail('ENVIRONMENT_UNKNOWN', { found })
}
