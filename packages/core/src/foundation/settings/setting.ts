import type { Environment } from '../environment.ts'

export interface SettingOptions<T> {
  /** Used where the environment says nothing. */
  readonly default?: T
  /** One line for `.env.example`, errors and the reference. */
  readonly describe?: string
  /** Environments in which it must be given. */
  readonly requiredIn?: Environment | readonly Environment[]
  /** May be left out and is undefined then. */
  readonly optional?: boolean
  /** Where more is said. */
  readonly docs?: string
}

/** One setting: the name of its variable and how its text becomes a value. Made by `env.*`. */
export interface Setting<T = unknown> {
  readonly kind: 'setting'
  readonly name: string
  readonly type: string
  /** What is accepted, for messages: `a whole number from 1 to 65535`. */
  readonly expected: string
  readonly secret: boolean
  readonly options: SettingOptions<unknown>
  /** The value, or undefined when the text is not acceptable. */
  readonly parse: (text: string) => T | undefined
  /** The default as it would stand in a file. */
  readonly defaultText: string | undefined
}

/** A setting is there when it has a default or is required everywhere; else it may be undefined. */
export type Presence<T, O> = O extends { readonly default: unknown }
  ? T
  : O extends { readonly optional: true } | { readonly requiredIn: unknown }
    ? T | undefined
    : T
