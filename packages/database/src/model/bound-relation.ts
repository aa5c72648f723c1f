import type { ModelDefinition } from './definition.ts'
import type { ModelRecord } from './record-state.ts'
import type { ModelQuery } from '../query/model-query.ts'
import type { Existence } from '../query/existence.ts'

export type Constrain = (query: ModelQuery) => unknown

/** What `belongsTo(…)` and its like make: a relation that is not yet a model's own. */
export interface RelationPlan {
  bind(owner: ModelDefinition, name: string): BoundRelation
}

/** A relation of a model, its columns found and checked. */
export interface BoundRelation {
  readonly name: string
  readonly owner: ModelDefinition
  readonly many: boolean
  /** Undefined where each record may lead to another model. */
  readonly target: ModelDefinition | undefined
  /** Columns of the owner that the relation starts from. */
  readonly ownerColumns: readonly number[]
  /** Loads it for records of the owner with one query (one a model for `morphTo`), and keeps it on them. */
  load(records: readonly ModelRecord[], prepare: (query: ModelQuery) => void): Promise<void>
  /** How to ask for it in a condition, a count or a sum. */
  existence(): Existence
}
