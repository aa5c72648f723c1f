import type { Io, JsonSchema } from '../validation/standard-json-schema.ts'

const prefix = '#/components/schemas/'

/** The schemas that a document refers to. They get their final names when all of them are known. */
export interface Components {
  /** A reference for a schema that `define` gives, before or after it is used. */
  reserve(name: string, io: Io): string
  define(reference: string, schema: JsonSchema): void
  /** The schema behind a reference, or the schema itself. */
  resolve(schema: JsonSchema): JsonSchema
  /** Gives every schema that `document` needs its name, and puts the names into the document. */
  finish<T>(document: T, reserved: readonly string[]): { readonly document: T; readonly schemas: Readonly<Record<string, JsonSchema>> }
}

interface Entry {
  readonly reference: string
  readonly name: string
  readonly io: Io
  schema: JsonSchema
}

/**
 * Schemas that say the same under the same name are one component. Where input and output of a schema differ (defaults,
 * coercion), the input is called `…Input`; other schemas of the same name are numbered.
 */
export function createComponents(): Components {
  const entries = new Map<string, Entry>()
  return {
    reserve: (name, io) => {
      const reference = `${prefix}~${entries.size}`
      entries.set(reference, { reference, name: name.replaceAll(/[^\w.-]/g, '_') || 'Schema', io, schema: {} })
      return reference
    },
    define: (reference, schema) => {
      const entry = entries.get(reference)
      if (entry !== undefined) entry.schema = schema
    },
    resolve: (schema) => (typeof schema['$ref'] === 'string' ? (entries.get(schema['$ref'])?.schema ?? schema) : schema),
    finish: (document, reserved) => {
      const needed = reachable(document, entries)
      const classes = classify(needed)
      const names = nameClasses(needed, classes, new Set(reserved))
      const rename = <T>(value: T): T => replaceReferences(value, (reference) => `${prefix}${names.get(classes.get(reference) ?? -1) ?? ''}`)
      const schemas = new Map(needed.map((entry) => [names.get(classes.get(entry.reference) as number) as string, rename(entry.schema)]))
      return { document: rename(document), schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))) }
    },
  }
}

function reachable(document: unknown, entries: ReadonlyMap<string, Entry>): Entry[] {
  const found = new Set<Entry>()
  const visit = (reference: string): string => {
    const entry = entries.get(reference)
    if (entry !== undefined && !found.has(entry)) {
      found.add(entry)
      replaceReferences(entry.schema, visit)
    }
    return reference
  }
  replaceReferences(document, visit)
  return [...found]
}

/** Schemas are equal when they read the same and refer to equal schemas; classes are split until none has to be. */
function classify(entries: readonly Entry[]): Map<string, number> {
  let classes = new Map<string, number>(entries.map(({ reference }) => [reference, 0]))
  let count = 0
  while (true) {
    const numbers = new Map<string, number>()
    const next = new Map<string, number>()
    for (const { reference, name, schema } of entries) {
      const reading = `${name} ${JSON.stringify(replaceReferences(schema, (target) => String(classes.get(target))))}`
      const number = numbers.get(reading) ?? numbers.size
      numbers.set(reading, number)
      next.set(reference, number)
    }
    classes = next
    if (numbers.size === count) return classes
    count = numbers.size
  }
}

function nameClasses(entries: readonly Entry[], classes: ReadonlyMap<string, number>, taken: Set<string>): Map<number, string> {
  const names = new Map<number, string>()
  // Outputs first: what a resource is called belongs to what is answered.
  for (const io of ['output', 'input'] as const) {
    for (const entry of entries.filter((candidate) => candidate.io === io)) {
      const number = classes.get(entry.reference) as number
      if (names.has(number)) continue
      let name = entry.name
      if (taken.has(name) && io === 'input') name = `${entry.name}Input`
      const base = name
      for (let count = 2; taken.has(name); count++) name = `${base}${count}`
      taken.add(name)
      names.set(number, name)
    }
  }
  return names
}

function replaceReferences<T>(value: T, replace: (reference: string) => string): T {
  if (Array.isArray(value)) return value.map((item) => replaceReferences(item as unknown, replace)) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === '$ref' && typeof inner === 'string' && inner.startsWith(`${prefix}~`) ? replace(inner) : replaceReferences(inner as unknown, replace),
  ])
  return Object.fromEntries(entries) as T
}
