import type { Columns } from '../columns/column.ts'
import type { FullTextOptions } from '../full-text/full-text-options.ts'
import type { ModelQuery } from '../query/model-query.ts'
import type { ModelDefinition } from './definition.ts'

/** A model class as far as types need it. It must not speak of relations: models refer to each other through them. */
export interface AnyModel {
  readonly table: string
  readonly columns: Columns
  // A construct signature is what makes a class; what it makes is asked of the class itself.
  new (...input: never[]): object
}

/** What `Model(…)` was given besides table and columns, as it is kept. */
export interface StoredOptions {
  readonly connection?: string | undefined
  readonly scopes?: Readonly<Record<string, (query: never, ...args: never[]) => unknown>> | undefined
  readonly globalScopes?: Readonly<Record<string, (query: never) => unknown>> | undefined
  readonly strict?: boolean | undefined
  readonly fullText?: FullTextOptions | undefined
}

/** The statics that `Model(…)` and the class itself bring. */
export interface ModelSource extends AnyModel {
  readonly name: string
  readonly options: StoredOptions
  /** The class of its queries, which knows its scopes. */
  readonly Query: new (definition: ModelDefinition) => ModelQuery
  readonly relations?: Readonly<Record<string, unknown>>
  readonly appends?: readonly string[]
}
