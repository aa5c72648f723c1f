import type { Environment } from '../environment.ts'

export interface SettingOptions<Default> {
  /** Used where the environment says nothing. Of a secret: in development and tests only. */
  readonly default?: Default
  /** Defaults of single environments, before `default`. Without `default`, the setting must be given in all others. */
  readonly defaultIn?: Readonly<Partial<Record<Environment, Default>>>
  /** One line for `.env.example` and errors. */
  readonly describe?: string
  /** The only environments in which it must be given; there, a default is not used. */
  readonly requiredIn?: Environment | readonly Environment[]
  /** May be left out and is undefined then. */
  readonly optional?: true
  /** A value as it may stand in the environment, shown in `.env.example` and errors. */
  readonly example?: string
  /** Where more is said, shown in errors. */
  readonly docs?: string
}

/** One setting: the name of its variable and how its text becomes a value. Made by `env.*`. */
export interface Setting<T = unknown> {
  readonly kind: 'setting'
  /** Of the variable: `PORT`. */
  readonly name: string
  /** Which `env.*` made it. */
  readonly type: string
  /** What is accepted, for messages: `a whole number from 1 to 1024`. */
  readonly expected: string
  readonly secret: boolean
  readonly options: Omit<SettingOptions<unknown>, 'default' | 'defaultIn'>
  /** The value, or undefined when the text is not acceptable. */
  readonly parse: (text: string) => T | undefined
  /** The default as it would stand in a file. */
  readonly defaultText: string | undefined
  /** Defaults of single environments, likewise. */
  readonly defaultTextIn: Readonly<Partial<Record<Environment, string>>>
  /** Makes the value from what the process runs for, whatever the variable says. */
  readonly fromEnvironment?: (environment: Environment) => T
}

/** A setting is always there when it has a default, or must be given wherever it has none; else it may be undefined. */
export type Presence<T, Options> = Options extends { readonly default: unknown }
  ? T
  : 'optional' extends keyof Options
    ? T | undefined
    : 'requiredIn' extends keyof Options
      ? T | undefined
      : T

/** The text used in an environment where no variable is set. */
export function defaultTextFor(setting: Setting, environment: Environment): string | undefined {
  return setting.defaultTextIn[environment] ?? setting.defaultText
}

/** Whether a setting must be given in an environment. */
export function isRequired(setting: Setting, environment: Environment): boolean {
  const { requiredIn, optional } = setting.options
  if (requiredIn !== undefined) return [requiredIn].flat().includes(environment)
  const fallback = defaultTextFor(setting, environment)
  // A default that stands in the source is no secret.
  if (setting.secret && environment === 'production' && fallback !== undefined) return true
  return fallback === undefined && optional !== true
}
