import type { Service } from '../services/service.ts'
import type { Secret } from './secret.ts'
import type { Setting } from './setting.ts'

/** Settings by the keys they are read under, in groups where that reads better. */
export interface SettingRecord {
  readonly [key: string]: Setting | SettingRecord
}

/** The values of a record of settings. */
export type SettingValues<R extends SettingRecord> = {
  readonly [K in keyof R]: R[K] extends Setting<infer T> ? T : R[K] extends SettingRecord ? SettingValues<R[K]> : never
}

/** Values that take the place of what would be read. */
export type SettingOverrides<Values> = {
  readonly [K in keyof Values]?: Values[K] extends string | number | boolean | Secret | readonly unknown[] | undefined ? Values[K] : SettingOverrides<Values[K]>
}

/** Declared settings; at the same time the token by which handlers and services ask for the values: `use(settings).port`. */
export interface Settings<Values = unknown> extends Service<Values> {
  readonly settings: SettingRecord
  /** Where settings are documented that do not say it themselves. */
  readonly docs?: string
}

/** The values that declared settings give. */
export type ValuesOf<S extends Settings> = S extends Settings<infer Values> ? Values : never

/**
 * Declares settings: names of variables, their kinds, defaults and descriptions. They are read and checked at boot.
 *
 * @example
 * export const settings = defineSettings({
 *   currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }),
 *   stripe: { key: env.secret('STRIPE_KEY', { requiredIn: 'production' }) },
 * })
 */
export function defineSettings<const R extends SettingRecord>(
  settings: R,
  about: { readonly name?: string; readonly docs?: string } = {},
): Settings<SettingValues<R>> {
  return { kind: 'service', name: about.name ?? 'settings', settings, ...(about.docs === undefined ? {} : { docs: about.docs }) }
}

/** Tells a setting from a group of them. */
export function isSetting(entry: Setting | SettingRecord): entry is Setting {
  return entry.kind === 'setting'
}

/** Every setting of several definitions, groups included, in the order of declaration. */
export function listSettings(definitions: readonly Settings[]): Setting[] {
  const inRecord = (record: SettingRecord): Setting[] => Object.values(record).flatMap((entry) => (isSetting(entry) ? [entry] : inRecord(entry)))
  return definitions.flatMap((definition) => inRecord(definition.settings))
}
