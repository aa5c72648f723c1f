import type { Environment } from '../environment.ts'
import type { Settings } from './define-settings.ts'
import { parseDotenv } from './dotenv.ts'
import { describeFault, examineSettings, type EnvironmentVariables } from './read-settings.ts'
import type { Setting } from './setting.ts'

/** A difference between the declared settings, `.env.example` and the environment. */
export interface EnvFinding {
  readonly name: string
  readonly kind: 'missing-in-example' | 'unknown-in-example' | 'stale-default' | 'invalid-in-environment'
  readonly message: string
}

/** `.env.example` as the settings say: each with its description, what it accepts and its default. */
export function renderEnvExample(definitions: readonly Settings[]): string {
  return `# Settings of this application; written by: glueful env sync\n\n${[...unique(definitions).values()].map(renderSetting).join('\n')}`
}

/** Lines of an existing example that the settings do not know are kept at the end. */
export function syncEnvExample(existing: string, definitions: readonly Settings[]): string {
  const known = unique(definitions)
  const extra = Object.entries(parseDotenv(existing, '.env.example')).filter(([name]) => !known.has(name))
  const kept = extra.length === 0 ? '' : `\n# Not declared by the application\n${extra.map(([name, value]) => `${name}=${quote(value)}`).join('\n')}\n`
  return renderEnvExample(definitions) + kept
}

/** Compares all three; an empty list means that they agree. */
export function checkEnv(
  definitions: readonly Settings[],
  parts: { readonly exampleText: string | undefined; readonly variables: EnvironmentVariables; readonly environment: Environment },
): readonly EnvFinding[] {
  const known = unique(definitions)
  const example = parts.exampleText === undefined ? {} : parseDotenv(parts.exampleText, '.env.example')
  const findings: EnvFinding[] = []
  for (const [name, setting] of known) {
    if (!(name in example)) findings.push({ name, kind: 'missing-in-example', message: `${name} is declared and not in .env.example` })
    else if (!setting.secret && (example[name] ?? '') !== (setting.defaultText ?? '')) {
      findings.push({
        name,
        kind: 'stale-default',
        message: `${name} is ${JSON.stringify(example[name])} in .env.example and ${JSON.stringify(setting.defaultText ?? '')} by default`,
      })
    }
  }
  for (const name of Object.keys(example))
    if (!known.has(name)) findings.push({ name, kind: 'unknown-in-example', message: `${name} is in .env.example and nothing reads it` })
  for (const fault of examineSettings(definitions, parts).faults)
    findings.push({ name: fault.name, kind: 'invalid-in-environment', message: describeFault(fault) })
  return findings
}

/** Names that only one of two sets of variables has; never values. */
export function diffEnv(
  left: EnvironmentVariables,
  right: EnvironmentVariables,
): { readonly onlyLeft: readonly string[]; readonly onlyRight: readonly string[] } {
  return {
    onlyLeft: Object.keys(left)
      .filter((name) => !(name in right))
      .sort(),
    onlyRight: Object.keys(right)
      .filter((name) => !(name in left))
      .sort(),
  }
}

function unique(definitions: readonly Settings[]): Map<string, Setting> {
  return new Map(definitions.flatMap((definition) => Object.values(definition.settings)).map((setting) => [setting.name, setting]))
}

function renderSetting(setting: Setting): string {
  const { options } = setting
  const needed =
    options.requiredIn !== undefined
      ? `; required in ${[options.requiredIn].flat().join(', ')}`
      : setting.defaultText === undefined && options.optional !== true
        ? '; required'
        : ''
  const lines = [
    ...(options.describe === undefined ? [] : [`# ${options.describe}`]),
    `# ${setting.expected}${needed}`,
    `${setting.name}=${setting.secret ? '' : quote(setting.defaultText ?? '')}`,
  ]
  return `${lines.join('\n')}\n`
}

function quote(value: string): string {
  return /^[^\s"'#\\]*$/.test(value) ? value : JSON.stringify(value)
}
