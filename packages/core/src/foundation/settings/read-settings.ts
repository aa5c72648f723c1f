import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import type { FieldError } from '../errors/define-errors.ts'
import { suggest } from '../errors/suggest.ts'
import { isSetting, listSettings, type SettingOverrides, type SettingRecord, type Settings } from './define-settings.ts'
import { readSecretFile } from './secret-file.ts'
import { defaultTextFor, isRequired, type Setting } from './setting.ts'
import { describeFault, showValue, type SettingFault } from './setting-fault.ts'

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

/** What settings are read from; `readEnvironment` gives that of the process. */
export interface SettingsSource {
  readonly environment: Environment
  readonly variables: EnvironmentVariables
}

/** Values by definition, each as its definition says. */
export interface SettingsMap extends ReadonlyMap<Settings, unknown> {
  get<Values>(settings: Settings<Values>): Values | undefined
}

/** Values that take the place of what would be read; made by `overrideSettings`. */
export interface SettingsOverride {
  readonly settings: Settings
  readonly values: Readonly<Record<string, unknown>>
}

/** Pairs a definition with values that take the place of what would be read. */
export function overrideSettings<Values>(settings: Settings<Values>, values: SettingOverrides<Values>): SettingsOverride {
  return { settings, values: values as Readonly<Record<string, unknown>> }
}

/**
 * Reads the settings of one definition. An override is taken as it is, and its variable is not read.
 * @returns the values, deeply frozen.
 * @throws `SETTINGS_INVALID` with every mistake, `SETTING_DECLARED_TWICE`
 */
export function readSettings<Values>(settings: Settings<Values>, source: SettingsSource & { readonly overrides?: SettingOverrides<Values> }): Values
/** Of several definitions: as `readAllSettings`. */
export function readSettings(definitions: readonly Settings[], source: SettingsSource): SettingsMap
export function readSettings(subject: Settings | readonly Settings[], { overrides, ...source }: SettingsSource & { readonly overrides?: object }): unknown {
  if (!('kind' in subject)) return readAllSettings(subject, source)
  const replaced = overrides === undefined ? [] : [overrideSettings(subject, overrides)]
  return readAllSettings([subject], source, replaced).get(subject)
}

/**
 * Reads the settings of several definitions at once; one report holds the mistakes of all.
 * @throws `SETTINGS_INVALID` with every mistake, `SETTING_DECLARED_TWICE`
 */
export function readAllSettings(definitions: readonly Settings[], source: SettingsSource, overrides: readonly SettingsOverride[] = []): SettingsMap {
  const { values, faults } = examineSettings(definitions, source, overrides)
  if (faults.length > 0) throw settingsInvalid(faults)
  return values
}

/**
 * As `readAllSettings`, with the mistakes returned.
 * @throws `SETTING_DECLARED_TWICE`
 */
export function examineSettings(
  definitions: readonly Settings[],
  source: SettingsSource,
  overrides: readonly SettingsOverride[] = [],
): { readonly values: SettingsMap; readonly faults: readonly SettingFault[] } {
  const all = listSettings(definitions)
  refuseContradictions(all)
  const known = new Set(all.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])))
  const undeclared = Object.keys(source.variables).filter((name) => !known.has(name) && isGiven(source.variables[name]))
  // By name: two definitions may share a variable, and one mistake is one line.
  const faults = new Map<string, SettingFault>()
  const values = new Map<Settings, unknown>()
  for (const definition of definitions) {
    const replaced = overrides.filter(({ settings }) => settings === definition).map((override) => override.values)
    values.set(definition, readRecord(definition.settings, replaced, definition.docs))
  }
  return { values: values as SettingsMap, faults: [...faults.values()] }

  function readRecord(record: SettingRecord, replaced: readonly Readonly<Record<string, unknown>>[], docs: string | undefined): unknown {
    for (const key of replaced.flatMap(Object.keys)) {
      if (!Object.hasOwn(record, key))
        addFault({ name: key, found: 'an override', expected: 'the key of a setting', code: 'unknown', suggestion: suggest(key, Object.keys(record)) })
    }
    const result: Record<string, unknown> = {}
    for (const [key, entry] of Object.entries(record)) {
      const given = replaced.filter((override) => Object.hasOwn(override, key)).map((override) => override[key])
      if (!isSetting(entry)) result[key] = readRecord(entry, given as Readonly<Record<string, unknown>>[], docs)
      else result[key] = freezeList(given.length > 0 ? given.at(-1) : readSetting(entry, source, undeclared, (fault) => addFault({ docs, ...fault })))
    }
    return Object.freeze(result)
  }

  function addFault(fault: NewFault): void {
    if (!faults.has(fault.name)) faults.set(fault.name, { describe: undefined, docs: undefined, suggestion: undefined, ...fault })
  }
}

type NewFault = Pick<SettingFault, 'name' | 'code' | 'found' | 'expected'> & Partial<SettingFault>

function readSetting(setting: Setting, { environment, variables }: SettingsSource, undeclared: readonly string[], report: (fault: NewFault) => void): unknown {
  const { name, expected, options } = setting
  const fault = (code: SettingFault['code'], found: string, more: Partial<SettingFault> = {}) => {
    const { describe, docs } = options
    report({ name, code, found, expected, ...(describe === undefined ? {} : { describe }), ...(docs === undefined ? {} : { docs }), ...more })
  }
  let text = variables[name]
  const file = setting.secret ? variables[`${name}_FILE`] : undefined
  if (isGiven(file)) {
    // Which of the two is meant cannot be known: one may come from a file that the other should have overridden.
    if (isGiven(text)) return fault('ambiguous', `both ${name} and ${name}_FILE`, { expected: 'one of them' })
    const read = readSecretFile(file)
    if ('problem' in read) return fault('unreadable', read.problem)
    text = read.text
  }
  if (!isGiven(text)) {
    if (isRequired(setting, environment)) return fault('missing', 'nothing', { suggestion: suggest(name, undeclared) })
    text = defaultTextFor(setting, environment)
  } else if (
    setting.secret &&
    environment === 'production' &&
    Object.values({ ...setting.defaultTextIn, any: setting.defaultText, example: options.example }).includes(text)
  ) {
    return fault('invalid', 'the default or example of the source, which is no secret')
  }
  const value = text === undefined ? undefined : setting.parse(text)
  if (text !== undefined && value === undefined) return fault('invalid', showValue(setting, text))
  return setting.fromEnvironment?.(environment) ?? value
}

/** Whether a variable says anything: empty and blank ones count as missing. */
export function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}

function freezeList(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...(value as unknown[])]) : value
}

function refuseContradictions(settings: readonly Setting[]): void {
  const declared = new Map<string, Setting>()
  for (const setting of settings) {
    const there = declared.get(setting.name)
    if (there === undefined) declared.set(setting.name, setting)
    else if (contradict(there, setting)) throw fail('SETTING_DECLARED_TWICE', { name: setting.name, first: summary(there), second: summary(setting) })
  }
}

function contradict(one: Setting, other: Setting): boolean {
  if (one.type !== other.type) return true
  const environments: readonly Environment[] = ['development', 'test', 'production']
  return environments.some((environment) => {
    const [first, second] = [defaultTextFor(one, environment), defaultTextFor(other, environment)]
    return first !== undefined && second !== undefined && first !== second
  })
}

function summary({ type, secret, defaultText, defaultTextIn }: Setting): string {
  if (secret) return 'env.secret'
  const defaults = [
    ...(defaultText === undefined ? [] : [defaultText]),
    ...Object.entries(defaultTextIn).map(([environment, text]) => `${text} in ${environment}`),
  ]
  return defaults.length === 0 ? `env.${type}` : `env.${type} with the default ${defaults.join(', ')}`
}

function settingsInvalid(faults: readonly SettingFault[]) {
  const lines = faults.map(describeFault)
  const errors = faults.map((fault, index): FieldError => ({ path: [fault.name], code: fault.code, message: lines[index] as string }))
  return fail('SETTINGS_INVALID', { lines }, { errors })
}
