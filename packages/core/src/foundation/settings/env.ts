import { parseByteSize, type ByteSize } from '../byte-size.ts'
import { parseDuration, type Duration } from '../duration.ts'
import { declareSetting } from './declare-setting.ts'
import { Secret } from './secret.ts'
import type { SettingOptions } from './setting.ts'

interface ListOptions {
  readonly pattern?: RegExp
  /** `expected` is what all of them are: `addresses or networks`. */
  readonly each?: { readonly test: (item: string) => boolean; readonly expected: string }
}

type NoOptions = Readonly<Record<never, never>>

interface Range<Bound = number> {
  readonly min?: Bound
  readonly max?: Bound
}

interface TextLimits {
  readonly pattern?: RegExp
  readonly minLength?: number
  readonly maxLength?: number
}

type SecretOptions = Omit<SettingOptions<string>, 'defaultIn'> & {
  readonly defaultIn?: { readonly development?: string; readonly test?: string }
  readonly minLength?: number
}

const rangeOptions = ['min', 'max']
const booleans = new Map(Object.entries({ true: true, '1': true, yes: true, on: true, false: false, '0': false, no: false, off: false }))

/**
 * The kinds of setting. Each takes the variable's name and its options; the type of the value follows. An empty variable
 * counts as missing. A missing one is an error unless it has a default, is `optional`, or is `requiredIn` other environments only.
 *
 * @example
 * env.integer('WORKERS', { default: 1, min: 1, describe: 'Processes that share the port' })
 */
export const env = {
  /** Text as it stands. */
  string: <const O extends SettingOptions<string> & TextLimits = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<string, O>(name, options, {
      type: 'string',
      expected: textExpected(options),
      // search ignores the state that a global pattern keeps
      parse: (text) => (fits(text, options) && (options.pattern === undefined || text.search(options.pattern) !== -1) ? text : undefined),
      options: ['pattern', 'minLength', 'maxLength'],
    }),

  /** A whole number of at most 15 digits. */
  integer: <const O extends SettingOptions<number> & Range = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<number, O>(name, options, {
      type: 'integer',
      expected: `a whole number${rangeText(options)}`,
      parse: (text) => (/^-?\d{1,15}$/.test(text) ? within(Number(text), options) : undefined),
      options: rangeOptions,
    }),

  /** A decimal number, also `1.5e3`. */
  number: <const O extends SettingOptions<number> & Range = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<number, O>(name, options, {
      type: 'number',
      expected: `a number${rangeText(options)}`,
      parse: (text) => (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? within(Number(text), options) : undefined),
      options: rangeOptions,
    }),

  /** A TCP port; 0 lets the system choose. */
  port: <const O extends SettingOptions<number> = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<number, O>(name, options, {
      type: 'port',
      expected: 'a port from 0 to 65535',
      parse: (text) => (/^\d{1,5}$/.test(text) ? within(Number(text), { max: 65_535 }) : undefined),
    }),

  /** true, 1, yes, on; false, 0, no, off; in any case. */
  boolean: <const O extends SettingOptions<boolean> = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<boolean, O>(name, options, { type: 'boolean', expected: 'true or false', parse: (text) => booleans.get(text.toLowerCase()) }),

  /** One of the given values, exactly. */
  enum: <const Values extends readonly [string, ...string[]], const O extends SettingOptions<Values[number]> = NoOptions>(
    name: string,
    values: Values,
    options: O = {} as O,
  ) =>
    declareSetting<Values[number], O>(name, options, {
      type: 'enum',
      expected: `one of ${values.join(', ')}`,
      parse: (text) => values.find((value) => value === text),
    }),

  /** An absolute URL with a host, as text. `protocols` without the colon: `['postgres']`. */
  url: <const O extends SettingOptions<string> & { readonly protocols?: readonly string[] } = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<string, O>(name, options, {
      type: 'url',
      expected:
        options.protocols === undefined
          ? 'a URL with protocol and host'
          : `a URL that starts with ${options.protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
      parse: (text) => {
        const protocol = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
        return protocol !== undefined && (options.protocols?.includes(protocol) ?? true) && URL.canParse(text) ? text : undefined
      },
      options: ['protocols'],
    }),

  /** Text with a unit, such as `30s`; the value is in milliseconds. A bare number is refused: its unit would be a guess. */
  duration: <const O extends SettingOptions<Duration> & Range<Duration> = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<number, O, Duration>(name, options, {
      type: 'duration',
      expected: `a duration${rangeText(options)} (250ms, 30s, 5m, 2h, 7d)`,
      parse: (text) => (text === '0' ? within(0, inMs(options, name)) : attempt(() => within(parseDuration(text as Duration, name), inMs(options, name)))),
      toText: (value) => (typeof value === 'number' ? `${value}ms` : value),
      options: rangeOptions,
    }),

  /** Bytes, or text with a binary unit, such as `64kb`; the value is in bytes. */
  byteSize: <const O extends SettingOptions<ByteSize> & Range<ByteSize> = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<number, O, ByteSize>(name, options, {
      type: 'byteSize',
      expected: `a size${rangeText(options)} (500b, 64kb, 1mb, 2gb)`,
      parse: (text) => attempt(() => within(parseByteSize(/^\d+$/.test(text) ? Number(text) : (text as ByteSize), name), inBytes(options, name))),
      options: rangeOptions,
    }),

  /** Values between commas; a lone comma is the empty list. `pattern` is for each of them, and so is `each`, which says what is expected. */
  list: <const O extends SettingOptions<readonly string[]> & ListOptions = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<readonly string[], O>(name, options, {
      type: 'list',
      expected:
        options.each === undefined
          ? `values separated by commas${options.pattern === undefined ? '' : `, each matching ${String(options.pattern)}`}`
          : `${options.each.expected}, separated by commas`,
      parse: (text) => {
        const { pattern, each } = options
        const items = text
          .split(',')
          .map((item) => item.trim())
          .filter((item) => item !== '')
        return items.every((item) => (pattern === undefined || item.search(pattern) !== -1) && each?.test(item) !== false) ? items : undefined
      },
      toText: (value) => value.join(','),
      options: ['pattern', 'each'],
    }),

  /**
   * A `Secret`, never printed. May also come from the file that NAME_FILE names, as container platforms mount secrets.
   * In production a default is never used.
   */
  secret: <const O extends SecretOptions = NoOptions>(name: string, options: O = {} as O) =>
    declareSetting<Secret, O, string>(name, options, {
      type: 'secret',
      expected: options.minLength === undefined ? 'a secret' : `a secret of at least ${options.minLength} characters`,
      parse: (text) => (text.length >= (options.minLength ?? 1) ? new Secret(text) : undefined),
      options: ['minLength'],
      secret: true,
    }),
}

function fits(text: string, { minLength = 0, maxLength = Infinity }: TextLimits): boolean {
  return text.length >= minLength && text.length <= maxLength
}

function textExpected({ pattern, minLength, maxLength }: TextLimits): string {
  const length = minLength === undefined && maxLength === undefined ? '' : `${rangeText({ min: minLength, max: maxLength })} characters`
  return `text${length}${pattern === undefined ? '' : ` that matches ${String(pattern)}`}`
}

function rangeText({ min, max }: { readonly min?: number | string | undefined; readonly max?: number | string | undefined }): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  return min === undefined ? (max === undefined ? '' : ` of at most ${max}`) : ` of at least ${min}`
}

function within(value: number, { min = -Infinity, max = Infinity }: Range): number | undefined {
  return Number.isFinite(value) && value >= min && value <= max ? value + 0 : undefined
}

function inMs({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range<Duration>, name: string): Range {
  return { min: parseDuration(min, name), max: parseDuration(max, name) }
}

function inBytes({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range<ByteSize>, name: string): Range {
  return { min: parseByteSize(min, name), max: parseByteSize(max, name) }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
