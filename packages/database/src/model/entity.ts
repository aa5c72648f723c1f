import type { CreateInput, Serialized } from '../columns/attributes.ts'
import type { ConstraintMap, ConstraintPaths, Query } from '../query/query.ts'
import type { Cardinality, Relation, RelationKind } from '../relations/relation.ts'
import type { AnyModel } from './model-source.ts'

/** The relations of a model class. */
export type RelationsOf<M> = M extends { readonly relations: infer R } ? R : {}

type Head<Path extends string> = Path extends `${infer First}.${string}` ? First : Path
type Rest<Path extends string, Name extends string> = Path extends `${Name}.${infer Tail}` ? Tail : never

export type Target<R> = R extends Relation<infer M> ? Extract<M, AnyModel> : never

/** The model that a path of relations leads to. */
export type TargetAt<M, Path extends string> = Path extends `${infer First}.${infer Tail}`
  ? TargetAt<Target<RelationsOf<M>[First & keyof RelationsOf<M>]>, Tail>
  : Target<RelationsOf<M>[Path & keyof RelationsOf<M>]>

type Shaped<N extends Cardinality, E> = N extends 'many' ? E[] : N extends 'maybe' ? E | null : E

type Each<M, Loaded extends string> = M extends AnyModel ? Entity<M, Loaded> : never

/** What a relation holds once it is loaded. */
export type RelatedValue<R, Loaded extends string> = R extends Relation<infer M, infer N, infer Pivot> ? Shaped<N, Each<M, Loaded> & Pivot> : never

export type RelationMembers<R, Loaded extends string> = {
  readonly [Name in keyof R]: Name extends Head<Loaded> ? RelatedValue<R[Name], Rest<Loaded, Name & string>> : PromiseLike<RelatedValue<R[Name], never>>
}

/** Getters that are named, letter by letter (`as const`), to be part of JSON. */
type Appended<M extends AnyModel> = M extends { readonly appends: readonly (infer Name extends string)[] }
  ? string extends Name
    ? {}
    : Pick<InstanceType<M>, Name & keyof InstanceType<M>>
  : {}

type Json<M extends AnyModel, Loaded extends string> = Serialized<M['columns']> &
  Appended<M> & {
    [Name in keyof RelationsOf<M> & Head<Loaded>]: RelatedValue<RelationsOf<M>[Name], Rest<Loaded, Name & string>>
  }

export interface EntityMethods<M extends AnyModel, Loaded extends string> {
  /** Loads relations, with constraints where an object is given: `car.load('dealer.staff')`. */
  load<const Path extends string>(...paths: CheckedPath<M, Path>[]): Promise<Entity<M, Loaded | Path>>
  load<const T extends ConstraintMap<M>>(constraints: T): Promise<Entity<M, Loaded | ConstraintPaths<T>>>
  /** Loads those of the relations that are not loaded yet. */
  loadMissing<const Path extends string>(...paths: CheckedPath<M, Path>[]): Promise<Entity<M, Loaded | Path>>
  /** What can be done with a relation of this record: query it, create in it, attach, detach and sync. */
  related<const Name extends keyof RelationsOf<M> & string>(name: Name): RelatedHandle<RelationsOf<M>[Name]>
  toJSON(): Json<M, Loaded>
}

/** A record as a query gives it: the model's own members and its relations – loaded ones as values, the others to be awaited. */
export type Entity<M extends AnyModel, Loaded extends string = never> = InstanceType<M> & RelationMembers<RelationsOf<M>, Loaded> & EntityMethods<M, Loaded>

/** A path where each of its parts is a relation; otherwise the names that would have been right. */
export type CheckedPath<M, Path extends string> = Path extends `${infer First}.${infer Tail}`
  ? First extends keyof RelationsOf<M>
    ? CheckedTail<First, Tail, CheckedPath<Target<RelationsOf<M>[First]>, Tail>>
    : keyof RelationsOf<M> & string
  : Path extends keyof RelationsOf<M>
    ? Path
    : keyof RelationsOf<M> & string

type CheckedTail<First extends string, Tail extends string, Checked extends string> = Tail extends Checked ? `${First}.${Tail}` : `${First}.${Checked}`

type KeyList = string | number | bigint | readonly (string | number | bigint)[]

interface Queried<M extends AnyModel> {
  query(): Query<M>
}

interface Creating<M extends AnyModel> extends Queried<M> {
  /** Creates a record that points at this one; the foreign key is filled in. */
  create(input: Partial<CreateInput<M['columns']>>): Promise<Entity<M>>
  createMany(inputs: readonly Partial<CreateInput<M['columns']>>[]): Promise<Entity<M>[]>
}

interface Linking<M extends AnyModel, Values> extends Queried<M> {
  /** Links records by their keys; those linked already stay as they are. Gives how many were new. */
  attach(keys: KeyList, pivot?: Partial<Values>): Promise<number>
  /** Removes links; all of them without keys. Gives how many there were. */
  detach(keys?: KeyList): Promise<number>
  /** Makes the links exactly these. */
  sync(keys: KeyList, pivot?: Partial<Values>): Promise<{ readonly attached: number; readonly detached: number }>
  /** Changes columns of the table between. */
  updatePivot(keys: KeyList, values: Partial<Values>): Promise<number>
  /** The keys that are linked. */
  keys(): Promise<(string | number | bigint)[]>
}

interface Pointing<M extends AnyModel> extends Queried<M> {
  /** Points at another record, or at none; `save` writes it. */
  associate(other: InstanceType<M> | null): void
}

type PivotValues<P> = P extends { readonly pivot: infer Values } ? Values : {}

export type RelatedHandle<R> =
  R extends Relation<infer M, Cardinality, infer P, infer Kind extends RelationKind>
    ? M extends AnyModel
      ? Kind extends 'has'
        ? Creating<M>
        : Kind extends 'linked'
          ? Linking<M, PivotValues<P>>
          : Kind extends 'belongsTo'
            ? Pointing<M>
            : Queried<M>
      : never
    : never
