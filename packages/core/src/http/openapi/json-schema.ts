import type { Schema } from '../context/schema.ts'
import { standardJsonSchema, type Io, type JsonSchema } from '../validation/standard-json-schema.ts'
import type { Components } from './components.ts'

/** Keywords whose values are data, in which nothing is a reference. */
const data = new Set(['const', 'default', 'enum', 'examples', 'example'])

/**
 * A schema as JSON Schema 2020-12 within a document, in the form of its input or output. Schemas that have an id, and
 * those that refer to themselves, become components; `name` is for those without an id. Vendors that implement Standard
 * JSON Schema are asked; of others nothing is known.
 */
export function toJsonSchema(schema: Schema, io: Io, name: string, components: Components): JsonSchema {
  const described = standardJsonSchema(schema, io)
  if (described === undefined) return { description: `Not described: ${schema['~standard'].vendor} schemas have no JSON Schema.` }
  const { $schema: _, $defs = {}, ...root } = described as JsonSchema & { $defs?: Readonly<Record<string, JsonSchema>> }
  const references = new Map<string, string>()

  const refer = (target: string): string => {
    const there = references.get(target)
    if (there !== undefined) return there
    const reference = components.reserve(target === '#' ? name : nameOf(target, name), io)
    references.set(target, reference)
    components.define(reference, relocate(withoutId(target === '#' ? root : ($defs[keyOf(target)] ?? {}))) as JsonSchema)
    return reference
  }
  const relocate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(relocate)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string' && inner.startsWith('#') ? refer(inner) : data.has(key) ? inner : relocate(inner),
      ]),
    )
  }
  const own = relocate(root) as JsonSchema
  const self = references.get('#')
  return self === undefined ? own : { $ref: self }
}

const withoutId = ({ id: _, ...schema }: JsonSchema & { id?: unknown }): JsonSchema => schema

/** `#/$defs/a~1b` → `a/b` */
function keyOf(reference: string): string {
  return reference.slice('#/$defs/'.length).replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Zod calls what has no id `__schema0`; outside of its document that says nothing. */
function nameOf(reference: string, name: string): string {
  const key = keyOf(reference)
  return /^__schema\d+$/.test(key) ? `${name}Part` : key
}
