import type { Schema } from '../context/schema.ts'
import { isZod } from './standard-json-schema.ts'

/**
 * Whether a schema says that its value may be left out: `.optional()`, `.default(…)` and the like. One that takes anything
 * (`z.any()`) does not say so.
 */
export function isOptional(schema: Schema): boolean {
  if (isZod(schema)) return schema._zod.optin !== undefined
  try {
    const result = schema['~standard'].validate(undefined)
    // Others have no common way to say it; nothing is known of those that answer later.
    if (!(result instanceof Promise)) return result.issues === undefined
    void result.catch(() => undefined)
    return false
  } catch {
    // A validator that fails over nothing does not take nothing.
    return false
  }
}
