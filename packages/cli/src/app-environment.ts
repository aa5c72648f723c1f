import type { App, Settings } from 'glueful'
import { coreSettings } from 'glueful'
import { askSecretSources, readEnvironment, type SettingsSource } from 'glueful/settings'

/** All settings that an application and its extensions declare. */
export function declaredSettings(app: App): Settings[] {
  const { settings, extensions = [] } = app.definition
  return [coreSettings, ...[settings, ...extensions.map((extension) => extension.settings)].filter((one) => one !== undefined)]
}

/** What an application started here would read. */
export function surroundingsOf(app: App): Promise<SettingsSource> {
  return askSecretSources(app.definition.secretSources ?? [], declaredSettings(app), readEnvironment())
}
