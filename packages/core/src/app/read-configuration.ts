import type { Environment } from '../foundation/environment.ts'
import { fail } from '../foundation/errors/catalog.ts'
import { coreSettings, type CoreSettings } from '../foundation/settings/core-settings.ts'
import type { Settings } from '../foundation/settings/define-settings.ts'
import { readEnvironment } from '../foundation/settings/read-environment.ts'
import { readSettings, type SettingsMap, type SettingsSource } from '../foundation/settings/read-settings.ts'
import { askSecretSources } from '../foundation/settings/secret-source.ts'
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

/** The groups of settings that the framework, the application and its extensions declare. */
export function declaredSettings({ settings, extensions = [] }: AppDefinition): readonly Settings[] {
  return [coreSettings, ...[settings, ...extensions.map((extension) => extension.settings)].filter((one) => one !== undefined)]
}

/** Reads all settings of an application, from what `readSource` found, else from the process and its files. */
export function readConfiguration(definition: AppDefinition, overrides: AppOverrides, source?: SettingsSource): Configuration {
  if (source === undefined && asksSources(definition, overrides)) throw fail('SECRETS_NOT_READ', undefined)
  const { environment, variables } = source ?? surroundingsOf(overrides)
  const declared = declaredSettings(definition)
  const values = readSettings(declared, { environment, variables })
  return { environment, declared, values, settings: values.get(coreSettings) as unknown as CoreSettings }
}

/** Asks the application's secret sources; undefined where it has none. */
export async function readSource(definition: AppDefinition, overrides: AppOverrides): Promise<SettingsSource | undefined> {
  if (!asksSources(definition, overrides)) return undefined
  return askSecretSources(definition.secretSources ?? [], declaredSettings(definition), surroundingsOf(overrides))
}

/** What a test gives is all that counts. */
export function asksSources({ secretSources = [] }: AppDefinition, { env }: AppOverrides): boolean {
  return secretSources.length > 0 && env === undefined
}

function surroundingsOf(overrides: AppOverrides): SettingsSource {
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
