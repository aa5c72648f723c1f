import { readFileSync } from 'node:fs'
import { fail } from '../errors/catalog.ts'
import type { FieldError } from '../errors/define-errors.ts'
import { suggest } from '../errors/suggest.ts'
import type { Environment } from '../environment.ts'
import type { Settings } from './define-settings.ts'
import type { Setting } from './setting.ts'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

export interface SettingsSource {
  readonly environment: Environment
  readonly variables: EnvironmentVariables
}

/** What is wrong with one setting. */
export interface SettingFault {
  readonly name: string
  readonly code: 'missing' | 'invalid' | 'unreadable'
  /** As it stands in the environment; secrets masked. */
  readonly found: string
  readonly expected: string
  readonly docs: string | undefined
  readonly suggestion: string | undefined
}

/**
 * Reads all settings of an application at once.
 * @returns the values by definition, frozen.
 * @throws `SETTINGS_INVALID` with every mistake, `SETTING_DECLARED_TWICE`
 */
export function readSettings(definitions: readonly Settings[], source: SettingsSource): ReadonlyMap<Settings, Readonly<Record<string, unknown>>> {
  const { values, faults } = examineSettings(definitions, source)
  if (faults.length > 0) throw settingsInvalid(faults)
  return values
}

/** As `readSettings`, with the faults returned. */
export function examineSettings(definitions: readonly Settings[], source: SettingsSource) {
  refuseContradictions(definitions)
  const faults: SettingFault[] = []
  const known = new Set(definitions.flatMap((definition) => Object.values(definition.settings).map((setting) => setting.name)))
  const values = new Map<Settings, Readonly<Record<string, unknown>>>()
  for (const definition of definitions) {
    const record: Record<string, unknown> = {}
    for (const [key, setting] of Object.entries(definition.settings)) {
      const read = readSetting(setting, source, known)
      if ('fault' in read) {
        // Two definitions may share a variable; one mistake is one line.
        if (!faults.some((fault) => fault.name === setting.name)) faults.push(read.fault)
      } else record[key] = read.value
    }
    values.set(definition, Object.freeze(record))
  }
  return { values, faults }
}

function readSetting(setting: Setting, { environment, variables }: SettingsSource, known: ReadonlySet<string>): { value: unknown } | { fault: SettingFault } {
  const fault = (code: SettingFault['code'], found: string, suggestion?: string) => ({
    fault: { name: setting.name, code, found, expected: setting.expected, docs: setting.options.docs, suggestion },
  })
  let text = nonEmpty(variables[setting.name])
  const file = setting.secret ? nonEmpty(variables[`${setting.name}_FILE`]) : undefined
  if (text === undefined && file !== undefined) {
    try {
      text = nonEmpty(readFileSync(file, 'utf8').replace(/\r?\n$/, ''))
    } catch {
      return fault('unreadable', `a file that cannot be read (${file})`)
    }
  }
  if (text === undefined && isRequired(setting, environment)) {
    const unknown = Object.keys(variables).filter((name) => !known.has(name))
    return fault('missing', 'nothing', suggest(setting.name, unknown))
  }
  text ??= setting.defaultText
  if (text === undefined) return { value: undefined }
  const value = setting.parse(text)
  if (value === undefined) return fault('invalid', setting.secret ? `a value of ${text.length} characters` : JSON.stringify(text.slice(0, 100)))
  return { value: Array.isArray(value) ? Object.freeze(value) : value }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text
}

function isRequired({ options, defaultText }: Setting, environment: Environment): boolean {
  if (options.requiredIn !== undefined) return [options.requiredIn].flat().includes(environment)
  return defaultText === undefined && options.optional !== true
}

function refuseContradictions(definitions: readonly Settings[]): void {
  const types = new Map<string, string>()
  for (const setting of definitions.flatMap((definition) => Object.values(definition.settings))) {
    const there = types.get(setting.name)
    if (there !== undefined && there !== setting.type) throw fail('SETTING_DECLARED_TWICE', { name: setting.name, first: there, second: setting.type })
    types.set(setting.name, setting.type)
  }
}

function settingsInvalid(faults: readonly SettingFault[]) {
  const lines = faults.map(describeFault)
  const errors = faults.map((fault, index): FieldError => ({ path: [fault.name], code: fault.code, message: lines[index] as string }))
  return fail('SETTINGS_INVALID', { lines }, { errors })
}

/** One line on one fault. */
export function describeFault({ name, found, expected, suggestion, docs }: SettingFault): string {
  return `${name}: found ${found}, expected ${expected}${suggestion === undefined ? '' : ` (did you mean it by ${suggestion}?)`}${docs === undefined ? '' : ` – see ${docs}`}`
}
