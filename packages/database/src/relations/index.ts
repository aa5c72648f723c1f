export {
  belongsTo,
  belongsToMany,
  hasMany,
  hasManyThrough,
  hasOne,
  hasOneThrough,
  morphedByMany,
  morphMany,
  morphOne,
  morphTo,
  morphToMany,
} from './define-relations.ts'
export type { BelongsToOptions } from './belongs-to.ts'
export type { HasOptions } from './has-many.ts'
export type { Cardinality, Relation, RelationKind } from './relation.ts'
export type { ManyToManyOptions, ThroughOptions } from './through.ts'
