import type { App, Environment, Settings } from 'glueful'
import { coreSettings } from 'glueful'
import { readDotenvFiles } from 'glueful/settings'

/** All settings that an application and its extensions declare. */
export function declaredSettings(app: App): Settings[] {
  const { settings, extensions = [] } = app.definition
  return [coreSettings, ...[settings, ...extensions.map((extension) => extension.settings)].filter((one) => one !== undefined)]
}

/** What an application started here would read. */
export function environmentVariables(): { environment: Environment; variables: Record<string, string | undefined> } {
  const named = process.env['APP_ENV'] ?? process.env['NODE_ENV']
  const environment = named === 'production' || named === 'test' ? named : 'development'
  return { environment, variables: { ...readDotenvFiles(process.cwd(), environment), ...process.env } }
}
