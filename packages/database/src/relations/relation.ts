import type { RelationPlan } from '../model/bound-relation.ts'

/** How many records a relation leads to: exactly one, one or none, or any number. */
export type Cardinality = 'one' | 'maybe' | 'many'

/** What can be done with a relation of one record. */
export type RelationKind = 'belongsTo' | 'has' | 'linked' | 'through' | 'morphTo'

/** A relation as types see it: the model it leads to, how many, what the table between adds, and of which kind it is. */
export interface Relation<M = unknown, N extends Cardinality = Cardinality, Pivot = unknown, Kind extends RelationKind = RelationKind> extends RelationPlan {
  readonly '~model'?: M
  readonly '~cardinality'?: N
  readonly '~pivot'?: Pivot
  readonly '~kind'?: Kind
}
