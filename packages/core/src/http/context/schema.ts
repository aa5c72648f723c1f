/**
 * The part of Standard Schema v1 that Glueful reads; zod, valibot, arktype and others implement it.
 * Source: https://standardschema.dev, v1.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * A Standard Schema as far as types need it. Comparing a schema with all of `Schema` costs the type checker more than the
 * rest of a route, and gains nothing: nobody has the one without the other.
 */
export interface TypedSchema {
  readonly '~standard': unknown
}

// Zod's own way to its types comes first, because it is the shorter one.
export type InputOf<S> = S extends { readonly _zod: { readonly input: infer Input } }
  ? Input
  : S extends { readonly '~standard': { readonly types?: { readonly input: infer Input } | undefined } }
    ? Input
    : never
export type OutputOf<S> = S extends { readonly _zod: { readonly output: infer Output } }
  ? Output
  : S extends { readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined } }
    ? Output
    : never
