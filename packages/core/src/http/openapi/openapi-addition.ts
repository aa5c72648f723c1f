import type { OperationObject } from '../context/route-option.ts'
import type { Schema } from '../context/schema.ts'
import type { Io, JsonSchema } from '../validation/standard-json-schema.ts'

export interface OpenApiTools {
  /** A schema within the document: those with an id become components. `name` is for one that refers to itself. */
  schema(schema: Schema, io: Io, name: string): JsonSchema
}

/** What an extension adds to the document. */
export interface OpenApiAddition {
  /** Requests that the application sends by itself, by name and method. */
  readonly webhooks?: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
}
