import { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { isZod } from '../validation/compile-validator.ts'
import type { Components } from './components.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * A schema as JSON Schema 2020-12, in the form of its input or output. Schemas that have an id are put into `components`
 * and referred to. Vendors that implement Standard JSON Schema are asked; of others nothing is known.
 */
export function toJsonSchema(schema: Schema, io: 'input' | 'output', components: Components): JsonSchema {
  const { $schema: _, $defs, ...own } = convert(schema, io) as { $schema?: string; $defs?: Record<string, JsonSchema>; id?: string }
  const relocate = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(relocate)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === '$ref' && typeof inner === 'string' && inner.startsWith('#/$defs/') ? components.refer(inner.slice('#/$defs/'.length), io) : relocate(inner)]),
    )
  }
  const withoutId = ({ id: __, ...definition }: JsonSchema & { id?: unknown }) => relocate(definition) as JsonSchema
  for (const [id, definition] of Object.entries($defs ?? {})) components.add(id, io, withoutId(definition))
  const id = isZod(schema) ? z.globalRegistry.get(schema)?.id : undefined
  return id === undefined || '$ref' in own ? (relocate(own) as JsonSchema) : { $ref: components.add(id, io, withoutId(own)) }
}

function convert(schema: Schema, io: 'input' | 'output'): JsonSchema {
  if (isZod(schema)) return z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any', override: describeUnrepresentable }) as JsonSchema
  const converter = (schema['~standard'] as { jsonSchema?: Record<typeof io, (options: { target: string }) => JsonSchema> }).jsonSchema
  return converter === undefined ? {} : converter[io]({ target: 'draft-2020-12' })
}

/** JSON has no dates and no big integers; what a handler answers becomes text. */
function describeUnrepresentable({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Record<string, unknown> }): void {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
  if (zodSchema._zod.def.type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' })
}
