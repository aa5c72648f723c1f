import type { JsonSchema } from './json-schema.ts'

type Io = 'input' | 'output'

const prefix = '#/components/schemas/'

/** Schemas with an id. Input and output of one may differ (defaults, coercion); then the input is called `…Input`. */
export interface Components {
  /** Puts a schema aside; the returned reference gets its final name in `finish`. */
  add(id: string, io: Io, schema: JsonSchema): string
  /** A reference to a schema that is, or will be, put aside. */
  refer(id: string, io: Io): string
  finish(): { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly rename: <T>(value: T) => T }
}

export function createComponents(): Components {
  const added = new Map<string, Partial<Record<Io, JsonSchema>>>()
  const refer = (id: string, io: Io) => `${prefix}${id}~${io}`

  /** Whether a schema says the same both ways; `assumed` are those whose comparison is under way. */
  function same(id: string, assumed: ReadonlySet<string>): boolean {
    const { input, output } = added.get(id) ?? {}
    if (input === undefined || output === undefined || assumed.has(id)) return true
    const [a, b] = [JSON.stringify(input), JSON.stringify(output)]
    if (a.replaceAll('~input"', '"') !== b.replaceAll('~output"', '"')) return false
    const within = new Set([...assumed, id])
    return [...a.matchAll(/"#\/components\/schemas\/([^"~]+)~input"/g)].every((match) => same(match[1] as string, within))
  }

  return {
    refer,
    add: (id, io, schema) => {
      const both = added.get(id) ?? {}
      both[io] = schema
      added.set(id, both)
      return refer(id, io)
    },
    finish: () => {
      const nameOf = (id: string, io: Io) => (io === 'input' && added.get(id)?.output !== undefined && !same(id, new Set()) ? `${id}Input` : id)
      const rename = <T>(value: T): T =>
        JSON.parse(JSON.stringify(value).replaceAll(/"#\/components\/schemas\/([^"~]+)~(input|output)"/g, (_, id: string, io: Io) => `"${prefix}${nameOf(id, io)}"`)) as T
      const named = [...added].flatMap(([id, both]) => (['output', 'input'] as const).flatMap((io) => (both[io] === undefined ? [] : [[nameOf(id, io), rename(both[io])] as const])))
      return { schemas: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))), rename }
    },
  }
}
