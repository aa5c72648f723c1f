import type { Environment } from '../foundation/environment.ts'
import { fail } from '../foundation/errors/catalog.ts'
import { coreSettings, type CoreSettings } from '../foundation/settings/core-settings.ts'
import type { Settings } from '../foundation/settings/define-settings.ts'
import { readEnvironment } from '../foundation/settings/read-environment.ts'
import { readSettings, type SettingsMap } from '../foundation/settings/read-settings.ts'
import type { AppDefinition, AppOverrides } from './definition.ts'

/** What the environment says, read and checked once. */
export interface Configuration {
  readonly environment: Environment
  /** The framework's own settings. */
  readonly settings: CoreSettings
  /** The groups of settings that the framework, the application and its extensions declare. */
  readonly declared: readonly Settings[]
  readonly values: SettingsMap
}

/** Reads all settings of an application, from the process and its `.env` files or from what a test gives. */
export function readConfiguration(definition: AppDefinition, overrides: AppOverrides): Configuration {
  const { environment, variables } = surroundingsOf(overrides)
  const ofExtensions = (definition.extensions ?? []).map((extension) => extension.settings)
  const declared: Settings[] = [coreSettings, ...[definition.settings, ...ofExtensions].filter((one) => one !== undefined)]
  const values = readSettings(declared, { environment, variables })
  return { environment, declared, values, settings: values.get(coreSettings) as unknown as CoreSettings }
}

function surroundingsOf(overrides: AppOverrides) {
  const { directory, environment, env } = overrides
  if (env !== undefined) return { environment: environmentOf(overrides), variables: env }
  return readEnvironment({ ...(directory === undefined ? {} : { directory }), ...(environment === undefined ? {} : { environment }) })
}

function environmentOf({ environment, env = process.env }: AppOverrides): Environment {
  if (environment !== undefined) return environment
  const found = env['APP_ENV'] ?? env['NODE_ENV'] ?? ''
  if (found === '') return 'development'
  if (found === 'development' || found === 'test' || found === 'production') return found
  throw fail('ENVIRONMENT_UNKNOWN', { found })
}
