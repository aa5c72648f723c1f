import { parseByteSize, type ByteSize } from '../byte-size.ts'
import { parseDuration, type Duration } from '../duration.ts'
import { Secret } from './secret.ts'
import type { Presence, Setting, SettingOptions } from './setting.ts'

type Options<T> = SettingOptions<T>
type Made<T, O> = Setting<Presence<T, O>>

interface Kind<T, D = T> {
  readonly type: string
  readonly expected: string
  readonly parse: (text: string) => T | undefined
  readonly toText?: (value: D) => string
}

function make<T, O extends Options<D>, D = T>(name: string, options: O, kind: Kind<T, D>, secret = false): Made<T, O> {
  const { default: fallback } = options
  return {
    kind: 'setting',
    name,
    type: kind.type,
    expected: kind.expected,
    secret,
    options,
    parse: kind.parse as (text: string) => Presence<T, O> | undefined,
    defaultText: fallback === undefined ? undefined : (kind.toText ?? String)(fallback),
  }
}

interface Range {
  readonly min?: number
  readonly max?: number
}

function rangeText({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  return min !== undefined ? ` of at least ${min}` : max !== undefined ? ` of at most ${max}` : ''
}

const within = (value: number, { min = -Infinity, max = Infinity }: Range) => (value >= min && value <= max ? value : undefined)

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

const booleans: Record<string, boolean> = { true: true, '1': true, yes: true, on: true, false: false, '0': false, no: false, off: false }

/**
 * The kinds of setting. Each takes the variable's name and options; the type follows. An empty variable counts as
 * missing, and a missing one without default is an error unless it is `optional` or only `requiredIn` some environments.
 */
export const env = {
  string: <const O extends Options<string> & { readonly pattern?: RegExp }>(name: string, options: O = {} as O) =>
    make<string, O>(name, options, {
      type: 'string',
      expected: options.pattern === undefined ? 'text' : `text that matches ${options.pattern.source}`,
      parse: (text) => (options.pattern?.test(text) === false ? undefined : text),
    }),

  integer: <const O extends Options<number> & Range>(name: string, options: O = {} as O) =>
    make<number, O>(name, options, {
      type: 'integer',
      expected: `a whole number${rangeText(options)}`,
      parse: (text) => (/^-?\d{1,15}$/.test(text) ? within(Number(text), options) : undefined),
    }),

  number: <const O extends Options<number> & Range>(name: string, options: O = {} as O) =>
    make<number, O>(name, options, {
      type: 'number',
      expected: `a number${rangeText(options)}`,
      parse: (text) => (/^-?\d+(\.\d+)?$/.test(text) ? within(Number(text), options) : undefined),
    }),

  port: <const O extends Options<number>>(name: string, options: O = {} as O) =>
    make<number, O>(name, options, {
      type: 'port',
      expected: 'a port from 0 to 65535',
      parse: (text) => (/^\d{1,5}$/.test(text) ? within(Number(text), { max: 65_535 }) : undefined),
    }),

  boolean: <const O extends Options<boolean>>(name: string, options: O = {} as O) =>
    make<boolean, O>(name, options, { type: 'boolean', expected: 'true or false', parse: (text) => booleans[text.toLowerCase()] }),

  enum: <const Values extends readonly [string, ...string[]], const O extends Options<Values[number]>>(name: string, values: Values, options: O = {} as O) =>
    make<Values[number], O>(name, options, {
      type: 'enum',
      expected: `one of ${values.join(', ')}`,
      parse: (text) => values.find((value) => value === text),
    }),

  url: <const O extends Options<string> & { readonly protocols?: readonly string[] }>(name: string, options: O = {} as O) =>
    make<string, O>(name, options, {
      type: 'url',
      expected: options.protocols === undefined ? 'a URL' : `a URL that starts with ${options.protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
      parse: (text) => {
        const url = attempt(() => new URL(text))
        return url !== undefined && (options.protocols?.includes(url.protocol.slice(0, -1)) ?? true) ? text : undefined
      },
    }),

  /** In ms; `30s`, `5m` … in the file. */
  duration: <const O extends Options<Duration> & Range>(name: string, options: O = {} as O) =>
    make<number, O, Duration>(name, options, {
      type: 'duration',
      expected: `a duration such as 250ms, 30s or 5m`,
      parse: (text) => {
        const ms = attempt(() => parseDuration(/^\d+$/.test(text) ? Number(text) : (text as Duration), name))
        return ms === undefined ? undefined : within(ms, options)
      },
    }),

  /** In bytes; `64kb`, `1mb` … in the file. */
  byteSize: <const O extends Options<ByteSize> & Range>(name: string, options: O = {} as O) =>
    make<number, O, ByteSize>(name, options, {
      type: 'size',
      expected: 'a size such as 64kb or 1mb',
      parse: (text) => {
        const bytes = attempt(() => parseByteSize(/^\d+$/.test(text) ? Number(text) : (text as ByteSize), name))
        return bytes === undefined ? undefined : within(bytes, options)
      },
    }),

  /** Values between commas. */
  list: <const O extends Options<readonly string[]>>(name: string, options: O = {} as O) =>
    make<readonly string[], O>(name, options, {
      type: 'list',
      expected: 'values separated by commas',
      parse: (text) =>
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      toText: (value) => value.join(','),
    }),

  /** Never printed. May also come from the file that NAME_FILE names, as container platforms mount secrets. */
  secret: <const O extends Options<string> & { readonly minLength?: number }>(name: string, options: O = {} as O) =>
    make<Secret, O, string>(
      name,
      options,
      {
        type: 'secret',
        expected: options.minLength === undefined ? 'a secret' : `a secret of at least ${options.minLength} characters`,
        parse: (text) => (text.length >= (options.minLength ?? 1) ? new Secret(text) : undefined),
      },
      true,
    ),
}
