import { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { isZod } from '../validation/compile-validator.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** Schemas with an id, by id: they become components. */
export type Components = Map<string, JsonSchema>

/**
 * A schema as JSON Schema 2020-12, in the form of its input or output. Nested schemas that have an id are moved into
 * `components` and referred to. Vendors that implement Standard JSON Schema are asked; of others nothing is known.
 */
export function toJsonSchema(schema: Schema, io: 'input' | 'output', components: Components): JsonSchema {
  const made = convert(schema, io)
  const { $schema: _, $defs, ...own } = made as { $schema?: string; $defs?: Record<string, JsonSchema> }
  for (const [id, definition] of Object.entries($defs ?? {})) addComponent(components, id, definition, io)
  return relocate(own, io, components) as JsonSchema
}

function convert(schema: Schema, io: 'input' | 'output'): JsonSchema {
  if (isZod(schema)) return z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any', reused: 'inline', override: describeUnrepresentable }) as JsonSchema
  const converter = (schema['~standard'] as { jsonSchema?: { input: (options: { target: string }) => JsonSchema; output: (options: { target: string }) => JsonSchema } }).jsonSchema
  return converter === undefined ? {} : converter[io]({ target: 'draft-2020-12' })
}

/** JSON has no dates; what a handler answers becomes text. */
function describeUnrepresentable({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Record<string, unknown> }): void {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
  if (zodSchema._zod.def.type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' })
}

function addComponent(components: Components, id: string, definition: JsonSchema, io: 'input' | 'output'): string {
  const { $schema: _, id: __, ...own } = definition
  const relocated = relocate(own, io, undefined) as JsonSchema
  const there = components.get(id)
  // Input and output of one schema may differ (defaults, coercion); then each has a name of its own.
  const name = there === undefined || JSON.stringify(there) === JSON.stringify(relocated) ? id : `${id}${io === 'input' ? 'Input' : 'Output'}`
  components.set(name, relocated)
  return name
}

/** `#/$defs/Car` → `#/components/schemas/Car`, and whole schemas with an id become references. */
function relocate(value: unknown, io: 'input' | 'output', components: Components | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => relocate(item, io, undefined))
  if (typeof value !== 'object' || value === null) return value
  const record = value as Record<string, unknown>
  if (components !== undefined && typeof record['id'] === 'string' && record['type'] !== undefined) {
    return { $ref: `#/components/schemas/${addComponent(components, record['id'], record, io)}` }
  }
  return Object.fromEntries(
    Object.entries(record).map(([key, inner]) => [key, key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : relocate(inner, io, undefined)]),
  )
}
