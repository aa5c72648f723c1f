import type { Environment } from '../environment.ts'
import { fail } from '../errors/catalog.ts'
import { suggest } from '../errors/suggest.ts'
import type { Presence, Setting, SettingOptions } from './setting.ts'

/** What one `env.*` adds to a setting. */
export interface SettingKind<T, Default> {
  readonly type: string
  readonly expected: string
  readonly parse: (text: string) => T | undefined
  /** A default as it would stand in a file. */
  readonly toText?: (value: Default) => string
  /** Options beyond those of every setting. */
  readonly options?: readonly string[]
  readonly secret?: boolean
}

const commonOptions = ['default', 'defaultIn', 'describe', 'requiredIn', 'optional', 'example', 'docs']

/**
 * Makes a setting and refuses a declaration that could not work: every default and example must be acceptable itself.
 * @throws `SETTING_DECLARATION_INVALID`
 */
export function declareSetting<T, O extends SettingOptions<Default>, Default = T>(
  name: string,
  options: O,
  kind: SettingKind<T, Default>,
): Setting<Presence<T, O>> {
  const { secret = false, toText = String } = kind
  const refuse = (reason: string) => fail('SETTING_DECLARATION_INVALID', { name, reason })
  if (!/^[A-Za-z_]\w*$/.test(name)) throw refuse('a name consists of letters, digits and _ and does not start with a digit')
  const allowed = [...commonOptions, ...(kind.options ?? [])]
  for (const option of Object.keys(options)) {
    if (allowed.includes(option)) continue
    const near = suggest(option, allowed)
    throw refuse(`${option} is not an option of env.${kind.type}${near === undefined ? '' : ` – did you mean ${near}?`}`)
  }

  const { default: fallback, defaultIn = {}, ...rest } = options as SettingOptions<Default>
  const textOf = (value: Default, what: string): string => {
    const text = toText(value)
    const read = kind.parse(text)
    // A list that would be read back as another list cannot be written in a file.
    const changed = Array.isArray(value) && JSON.stringify(read) !== JSON.stringify(value)
    if (read === undefined || changed) throw refuse(`its ${what} ${secret ? '' : `${JSON.stringify(text)} `}is not ${kind.expected}`)
    return text
  }
  const given = Object.entries(defaultIn).filter((entry): entry is [Environment, Default] => entry[1] !== undefined)
  if (secret && given.some(([environment]) => environment === 'production')) throw refuse('a secret has no default in production')
  if (rest.example !== undefined && kind.parse(rest.example) === undefined) throw refuse(`its example ${JSON.stringify(rest.example)} is not ${kind.expected}`)
  return {
    kind: 'setting',
    name,
    type: kind.type,
    expected: rest.example === undefined ? kind.expected : `${kind.expected}, for example ${rest.example}`,
    secret,
    options: rest,
    parse: kind.parse as (text: string) => Presence<T, O> | undefined,
    defaultText: fallback === undefined ? undefined : textOf(fallback, 'default'),
    defaultTextIn: Object.fromEntries(given.map(([environment, value]) => [environment, textOf(value, `default in ${environment}`)])),
  }
}
