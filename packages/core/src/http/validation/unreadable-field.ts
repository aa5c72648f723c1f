import type { z } from 'zod'
import type { Schema } from '../context/schema.ts'
import { unwrapped } from './list-fields.ts'
import { isZod } from './standard-json-schema.ts'

/** What no text is; coerced, it is made of one. */
const noText: ReadonlySet<string> = new Set(['number', 'bigint', 'boolean', 'date'])

/** The first field that no text can fill, of a schema for what arrives as text: `z.number()` where `z.coerce.number()` is meant. */
export function unreadableField(schema: Schema): { readonly field: string; readonly type: string } | undefined {
  if (!isZod(schema)) return undefined
  const { def } = unwrapped(schema as unknown as z.core.$ZodTypes)._zod
  if (def.type !== 'object') return undefined
  for (const [field, value] of Object.entries(def.shape)) {
    const type = unreadable(value as z.core.$ZodTypes)
    if (type !== undefined) return { field, type }
  }
  return undefined
}

function unreadable(schema: z.core.$ZodTypes): string | undefined {
  const { def } = unwrapped(schema)._zod
  if (def.type === 'array') return unreadable(def.element as z.core.$ZodTypes)
  return noText.has(def.type) && !('coerce' in def && def.coerce === true) ? def.type : undefined
}
