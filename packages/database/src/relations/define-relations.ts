import type { Attributes } from '../columns/attributes.ts'
import type { Columns } from '../columns/column.ts'
import type { AnyModel } from '../model/model-source.ts'
import { BelongsToPlan, type BelongsToOptions } from './belongs-to.ts'
import { HasPlan, type HasOptions } from './has-many.ts'
import { MorphToPlan } from './morph-to.ts'
import type { Cardinality, Relation } from './relation.ts'
import { HasThroughPlan, ManyToManyPlan, type ManyToManyOptions, type ThroughOptions } from './through.ts'

// Models refer to each other, so their types are taken as they are here and looked at only where they are used.
type Reach<M> = () => M
const reach = (model: () => unknown) => model as () => AnyModel

type Pivot<P extends Columns> = keyof P extends never ? unknown : { readonly pivot: Attributes<P> }
type Pivoted<P extends Columns> = { readonly columns?: P } & Omit<ManyToManyOptions, 'columns'>

/**
 * This record points at another: a car belongs to its dealer. Its column is found by the relation's name (`dealerId`), by
 * what references the other's table, or named as `foreignKey`.
 */
export function belongsTo<M>(model: Reach<M>, options: BelongsToOptions & { readonly optional: true }): Relation<M, 'maybe', unknown, 'belongsTo'>
export function belongsTo<M>(model: Reach<M>, options?: BelongsToOptions & { readonly optional?: false }): Relation<M, 'one', unknown, 'belongsTo'>
export function belongsTo<M>(model: Reach<M>, options: BelongsToOptions = {}): Relation<M, Cardinality, unknown, 'belongsTo'> {
  return new BelongsToPlan(reach(model), options)
}

/** Others point at this record: a car has many photos. */
export function hasMany<M>(model: Reach<M>, options: HasOptions = {}): Relation<M, 'many', unknown, 'has'> {
  return new HasPlan(reach(model), true, options)
}

/** At most one other points at this record. */
export function hasOne<M>(model: Reach<M>, options: HasOptions = {}): Relation<M, 'maybe', unknown, 'has'> {
  return new HasPlan(reach(model), false, options)
}

/**
 * Linked over a table between: `belongsToMany(() => Tag, { table: 'car_tags' })`, with columns `carId` and `tagId`. Further
 * columns of it that are named as `columns` come with the records, as `pivot`.
 */
export function belongsToMany<M, P extends Columns = {}>(model: Reach<M>, options: Pivoted<P>): Relation<M, 'many', Pivot<P>, 'linked'> {
  return new ManyToManyPlan(reach(model), options as ManyToManyOptions)
}

/** Over a model between: a dealer has many orders through its cars. */
export function hasManyThrough<M>(
  model: Reach<M>,
  options: Omit<ThroughOptions, 'through'> & { readonly through: () => unknown },
): Relation<M, 'many', unknown, 'through'> {
  return new HasThroughPlan(reach(model), true, options as ThroughOptions)
}

/** Over a model between, to at most one. */
export function hasOneThrough<M>(
  model: Reach<M>,
  options: Omit<ThroughOptions, 'through'> & { readonly through: () => unknown },
): Relation<M, 'maybe', unknown, 'through'> {
  return new HasThroughPlan(reach(model), false, options as ThroughOptions)
}

/** Like `hasMany`, of a model that may point at several: by `imageableType` (the table) and `imageableId` for the name `imageable`. */
export function morphMany<M>(model: Reach<M>, name: string, options: HasOptions = {}): Relation<M, 'many', unknown, 'has'> {
  return new HasPlan(reach(model), true, options, name)
}

export function morphOne<M>(model: Reach<M>, name: string, options: HasOptions = {}): Relation<M, 'maybe', unknown, 'has'> {
  return new HasPlan(reach(model), false, options, name)
}

/** The other side of `morphMany`: one record of any of these models. */
export function morphTo<M>(models: () => readonly M[], columns?: string): Relation<M, 'maybe', unknown, 'morphTo'> {
  return new MorphToPlan(models as () => readonly AnyModel[], columns)
}

/** Like `belongsToMany`, over a table that links several models: `taggableType` and `taggableId` for the name `taggable`. */
export function morphToMany<M, P extends Columns = {}>(model: Reach<M>, name: string, options: Pivoted<P>): Relation<M, 'many', Pivot<P>, 'linked'> {
  return new ManyToManyPlan(reach(model), options as ManyToManyOptions, { name, side: 'own' })
}

/** The other side of `morphToMany`: the records of one of the models that are linked. */
export function morphedByMany<M, P extends Columns = {}>(model: Reach<M>, name: string, options: Pivoted<P>): Relation<M, 'many', Pivot<P>, 'linked'> {
  return new ManyToManyPlan(reach(model), options as ManyToManyOptions, { name, side: 'related' })
}
