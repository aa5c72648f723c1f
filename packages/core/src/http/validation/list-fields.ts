import type { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { isZod, standardJsonSchema, type JsonSchema } from './standard-json-schema.ts'

/**
 * The fields in which a schema takes lists and nothing else. In queries and forms a list of one looks like a single value,
 * and only the schema knows better.
 */
export function listFields(schema: Schema): readonly string[] {
  const fields = new Map<string, boolean>()
  const note = (name: string, isList: boolean) => void fields.set(name, isList && fields.get(name) !== false)
  if (isZod(schema)) noteZod(schema as unknown as z.core.$ZodTypes, note, 0)
  else noteJson(describe(schema), note, 0)
  return [...fields].filter(([, isList]) => isList).map(([name]) => name)
}

/** A list where the schema wants one: what came once is put into one. */
export function wrapLists(values: unknown, names: readonly string[]): void {
  const record = values as Record<string, unknown>
  for (const name of names) {
    const value = record[name]
    if (value !== undefined && !Array.isArray(value)) record[name] = [value]
  }
}

type Note = (name: string, isList: boolean) => void

/** Recursive schemas have no end. */
const deepest = 16

function noteZod(schema: z.core.$ZodTypes, note: Note, depth: number): void {
  const { def } = unwrapped(schema)._zod
  if (depth > deepest) return
  if (def.type === 'object') for (const [name, field] of Object.entries(def.shape)) note(name, isZodList(field as z.core.$ZodTypes))
  else if (def.type === 'intersection') for (const side of [def.left, def.right]) noteZod(side as z.core.$ZodTypes, note, depth + 1)
  else if (def.type === 'union') for (const option of def.options) noteZod(option as z.core.$ZodTypes, note, depth + 1)
}

function isZodList(schema: z.core.$ZodTypes, depth = 0): boolean {
  const { def } = unwrapped(schema)._zod
  if (def.type === 'union') return depth < deepest && def.options.every((option) => isZodList(option as z.core.$ZodTypes, depth + 1))
  return def.type === 'array' || def.type === 'tuple'
}

/** What is validated first of a schema that is made of others; `z.preprocess` sees the value itself. */
export function unwrapped(schema: z.core.$ZodTypes): z.core.$ZodTypes {
  let at = schema
  for (let depth = 0; depth < deepest; depth++) {
    const { def } = at._zod
    if (def.type === 'pipe') at = def.in as z.core.$ZodTypes
    else if (def.type === 'lazy') at = def.getter() as z.core.$ZodTypes
    else if ('innerType' in def) at = def.innerType as z.core.$ZodTypes
    else return at
  }
  return at
}

function describe(schema: Schema): JsonSchema {
  try {
    return standardJsonSchema(schema, 'input') ?? {}
  } catch {
    // A vendor that cannot describe a schema leaves it at what came.
    return {}
  }
}

function noteJson(schema: JsonSchema, note: Note, depth: number): void {
  if (depth > deepest) return
  for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)) note(name, field['type'] === 'array')
  for (const parts of [schema['allOf'], schema['anyOf'], schema['oneOf']]) for (const part of (parts ?? []) as JsonSchema[]) noteJson(part, note, depth + 1)
}
