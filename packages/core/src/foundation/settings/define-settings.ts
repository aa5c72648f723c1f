import type { Service } from '../services/service.ts'
import type { Setting } from './setting.ts'

export type SettingRecord = Readonly<Record<string, Setting>>

/** The values of a record of settings. */
export type SettingValues<R extends SettingRecord> = { readonly [K in keyof R]: R[K] extends Setting<infer T> ? T : never }

/** Declared settings; at the same time the token by which handlers and services ask for the values: `use(settings).port`. */
export interface Settings<Values = unknown> extends Service<Values> {
  readonly settings: SettingRecord
}

/**
 * Declares settings: names of variables, their types, defaults and descriptions. They are read and checked at boot.
 *
 * @example
 * export const settings = defineSettings({ currency: env.enum('CURRENCY', ['EUR', 'USD'], { default: 'EUR' }) })
 */
export function defineSettings<const R extends SettingRecord>(settings: R): Settings<SettingValues<R>> {
  return { kind: 'service', name: 'settings', settings }
}
