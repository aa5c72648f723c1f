import type { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { zodLibrary } from '../context/zod-library.ts'
import { isZod, standardJsonSchema, type JsonSchema } from './standard-json-schema.ts'

/**
 * Names of the fields that schemas mark by `redact: true` – in zod by `.meta({ redact: true })`, elsewhere in their JSON
 * Schema. A schema that is marked as a whole gives the key that it has here: `body`.
 */
export function markedFields(schemas: Readonly<Record<string, Schema | undefined>>): string[] {
  const names = new Set<string>()
  const known = new Map<ZodNode, boolean>()
  for (const [key, schema] of Object.entries(schemas)) {
    if (schema === undefined) continue
    const root = isZod(schema) ? undefined : jsonSchemaOf(schema)
    if (isZod(schema) ? inZod(schema, names, known) : inJsonSchema(root, root, names, new Map())) names.add(key)
  }
  return [...names]
}

type ZodNode = z.core.$ZodType
/** The parts of zod's definitions that hold other schemas. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, ZodNode>>
  readonly [part: string]: unknown
}

const holders = ['innerType', 'element', 'in', 'out', 'left', 'right', 'valueType', 'rest', 'catchall', 'getter', 'options', 'items'] as const

/** Kinds that hold no other schema. Every schema of an application is looked at when it starts, and most are of these. */
const leaves: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'bigint', 'date', 'enum', 'literal'])

/** Whether the schema itself is marked, or what it wraps or lists; marked fields below it are added to the names. */
function inZod(schema: ZodNode, names: Set<string>, known: Map<ZodNode, boolean>): boolean {
  const there = known.get(schema)
  if (there !== undefined) return there
  // Schemas that hold themselves meet this on their way down.
  known.set(schema, false)
  const { def } = (schema as unknown as { readonly _zod: { readonly def: Definition } })._zod
  let marked = isMarked(zodLibrary().globalRegistry.get(schema))
  if (leaves.has(def.type)) {
    known.set(schema, marked)
    return marked
  }
  const { shape } = def
  if (shape !== undefined) for (const name of Object.keys(shape)) if (inZod(shape[name] as ZodNode, names, known)) names.add(name)
  for (const holder of holders) {
    const part = def[holder]
    if (part === undefined) continue
    const held = typeof part === 'function' ? [(part as () => unknown)()] : Array.isArray(part) ? part : [part]
    for (const one of held) if (isZodNode(one) && inZod(one, names, known)) marked = true
  }
  known.set(schema, marked)
  return marked
}

function isZodNode(value: unknown): value is ZodNode {
  return typeof value === 'object' && value !== null && '_zod' in value
}

function isMarked(meta: unknown): boolean {
  return typeof meta === 'object' && meta !== null && (meta as { redact?: unknown }).redact === true
}

function jsonSchemaOf(schema: Schema): JsonSchema | undefined {
  try {
    return standardJsonSchema(schema, 'input')
  } catch {
    // What a vendor cannot express it cannot mark either; who needs the document is told by whoever makes it.
    return undefined
  }
}

function inJsonSchema(node: unknown, root: JsonSchema | undefined, names: Set<string>, known: Map<object, boolean>): boolean {
  if (typeof node !== 'object' || node === null) return false
  const there = known.get(node)
  if (there !== undefined) return there
  known.set(node, false)
  const { properties, $ref, ...parts } = node as Readonly<Record<string, unknown>>
  for (const [name, field] of Object.entries((properties ?? {}) as object)) if (inJsonSchema(field, root, names, known)) names.add(name)
  const target = typeof $ref === 'string' && $ref.startsWith('#/$defs/') ? (root?.['$defs'] as Record<string, unknown> | undefined)?.[$ref.slice(8)] : undefined
  const below = ['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'additionalProperties'].flatMap((key) => parts[key] ?? [])
  const marks = [...below, target].map((part) => inJsonSchema(part, root, names, known))
  const marked = isMarked(node) || marks.includes(true)
  known.set(node, marked)
  return marked
}
