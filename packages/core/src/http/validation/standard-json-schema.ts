import type { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { zodLibrary } from '../context/zod-library.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** `input` is what a schema accepts, `output` what it makes of it. */
export type Io = 'input' | 'output'

interface Converter {
  readonly input: (options: { readonly target: string }) => JsonSchema
  readonly output: (options: { readonly target: string }) => JsonSchema
}

/**
 * A schema as JSON Schema 2020-12: zod's own converter, or that of any vendor that implements Standard JSON Schema.
 * Undefined where the vendor offers none. Throws what the vendor throws for schemas that it cannot express.
 * Source: https://standardschema.dev/json-schema
 */
export function standardJsonSchema(schema: Schema, io: Io): JsonSchema | undefined {
  if (isZod(schema))
    return zodLibrary().toJSONSchema(schema, {
      io,
      target: 'draft-2020-12',
      unrepresentable: 'any',
      override: io === 'input' ? describeInput : describeOutput,
    }) as JsonSchema
  const { jsonSchema } = schema['~standard'] as { jsonSchema?: Converter }
  return jsonSchema?.[io]({ target: 'draft-2020-12' })
}

export function isZod(schema: Schema): schema is Schema & z.ZodType {
  // Not by the vendor's name: zod makes `~standard` when it is first read, which is work and memory for every schema.
  return '_zod' in schema
}

type Described = { zodSchema: z.core.$ZodTypes; jsonSchema: Record<string, unknown> }

function describeOutput(described: Described): void {
  describeText(described)
  describeRange(described)
  const { zodSchema, jsonSchema } = described
  const { def } = zodSchema._zod
  // True today, but no promise to clients; and with it no input would equal its output.
  if (def.type === 'object' && def.catchall === undefined) delete jsonSchema['additionalProperties']
}

function describeInput(described: Described): void {
  describeText(described)
  describeRange(described)
  const { zodSchema, jsonSchema } = described
  const { def } = zodSchema._zod
  // What z.preprocess takes, only its function knows.
  if (def.type === 'pipe' && def.in._zod.def.type === 'transform' && 'properties' in jsonSchema) jsonSchema['additionalProperties'] ??= {}
}

/** JSON has no dates and no big integers; what a handler answers becomes text. */
function describeText({ zodSchema, jsonSchema }: Described): void {
  // For the application's logs, not for its clients.
  delete jsonSchema['redact']
  const { type } = zodSchema._zod.def
  if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
  if (type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' })
}

/** The ends of a number's own range say nothing of what it means, and pages of documentation show them as examples. */
function describeRange({ jsonSchema }: Described): void {
  const { type, minimum, maximum } = jsonSchema
  if (type !== 'integer') return
  if (minimum === -(2 ** 31) && maximum === 2 ** 31 - 1) {
    delete jsonSchema['minimum']
    delete jsonSchema['maximum']
    jsonSchema['format'] ??= 'int32'
  }
  if (minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum']
  if (maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum']
}
