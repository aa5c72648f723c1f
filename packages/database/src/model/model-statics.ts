import type { Attributes, CreateInput, UpdateInput } from '../columns/attributes.ts'
import type { Columns } from '../columns/column.ts'
import type { Database } from '../connection/database.ts'
import type { Operator } from '../query/condition.ts'
import type { CursorInput, CursorPage, NumberedPage, PageInput } from '../query/paginate.ts'
import type {
  Conditions,
  ConstraintMap,
  ConstraintPaths,
  Grouped,
  LockOptions,
  NumberName,
  Numeric,
  Query,
  RelatedQuery,
  SumType,
  WhereObject,
} from '../query/query.ts'
import type { QueryCacheOptions } from '../query-cache/cache-options.ts'
import type { CheckedPath, Entity, RelationsOf, Target } from './entity.ts'
import type { ModelSchemas } from './model-schemas.ts'
import type { AnyModel } from './model-source.ts'
import type { ObserveOptions, ObserverOf } from './observer.ts'
import type { SaveOptions } from './save-record.ts'
import type { UpsertOptions } from './upsert.ts'

type Key = string | number | bigint
type Name<C extends Columns> = keyof C & string

/** Methods of a query that begin one, with the parameters they have there. */
type Starter<C extends Columns, K extends keyof Conditions<C>> = <M extends AnyModel>(this: M, ...args: Parameters<Conditions<C>[K]>) => Query<M>

type StarterNames =
  | 'whereNull'
  | 'whereNotNull'
  | 'whereColumn'
  | 'whereLike'
  | 'whereNotLike'
  | 'whereContains'
  | 'whereStartsWith'
  | 'whereEndsWith'
  | 'whereExists'
  | 'whereNotExists'
  | 'whereSearch'
  | 'whereSql'
  | 'search'
  | 'orderBy'
  | 'latest'
  | 'oldest'
  | 'limit'
  | 'offset'
  | 'distinct'

/** What a model class offers: the way to its records. Whatever begins a query is `Car.query()` and the method of that name. */
export interface ModelStatics<C extends Columns> extends Starters<C> {
  readonly table: string
  readonly columns: C
  /** Validators for bodies and answers, named after the model in OpenAPI. */
  readonly schema: ModelSchemas<C>

  query<M extends AnyModel>(this: M): Query<M>

  /** Undefined where there is none, also for what cannot be a key. */
  find<M extends AnyModel>(this: M, key: Key): Promise<Entity<M> | undefined>
  /** @throws 404 `MODEL_NOT_FOUND` */
  findOrFail<M extends AnyModel>(this: M, key: Key): Promise<Entity<M>>
  findMany<M extends AnyModel>(this: M, keys: readonly Key[]): Promise<Entity<M>[]>
  first<M extends AnyModel>(this: M): Promise<Entity<M> | undefined>
  firstOrFail<M extends AnyModel>(this: M): Promise<Entity<M>>

  /** @throws 422 `VALUE_INVALID` */
  create<M extends AnyModel>(this: M, input: CreateInput<C>, options?: SaveOptions): Promise<Entity<M>>
  /** Creates many with few statements: all of them, or none. */
  createMany<M extends AnyModel>(this: M, inputs: readonly CreateInput<C>[], options?: SaveOptions): Promise<Entity<M>[]>
  /** The record with these properties, created with `values` where there is none. */
  firstOrCreate<M extends AnyModel>(this: M, match: UpdateInput<C>, values?: UpdateInput<C>): Promise<Entity<M>>
  updateOrCreate<M extends AnyModel>(this: M, match: UpdateInput<C>, values: UpdateInput<C>): Promise<Entity<M>>
  /** Inserts, and updates where a unique index says the row is there; no events. */
  upsert(inputs: readonly CreateInput<C>[], options: UpsertOptions & { readonly by: readonly Name<C>[]; readonly update?: readonly Name<C>[] }): Promise<number>

  /** Listens to moments in the life of records; gives the way to stop. With `afterCommit`, once what happened is certain. */
  observe<M extends AnyModel>(this: M, listeners: ObserverOf<InstanceType<M>>, options?: ObserveOptions): () => void

  /**
   * Clears what is cached of queries of this model: for changes that no statement of this application names, such as those
   * of triggers and other programs. In a transaction once it has committed.
   */
  clearCache(): Promise<void>

  count(): Promise<number>
  exists(): Promise<boolean>
}

interface Starters<C extends Columns> extends WhereStarters<C>, RelationStarters, PlainStarters<C>, ResultStarters {}

type PlainStarters<C extends Columns> = { readonly [K in StarterNames]: Starter<C, K> }

interface WhereStarters<C extends Columns> {
  where<M extends AnyModel>(this: M, equal: WhereObject<C>): Query<M>
  where<M extends AnyModel>(this: M, group: (query: Conditions<C>) => unknown): Query<M>
  where<M extends AnyModel, K extends Name<C>>(this: M, column: K, value: C[K]['~value'] | readonly C[K]['~value'][]): Query<M>
  where<M extends AnyModel, K extends Name<C>>(this: M, column: K, operator: Operator, value: C[K]['~value']): Query<M>
  whereNot<M extends AnyModel>(this: M, equal: WhereObject<C>): Query<M>
  whereIf<M extends AnyModel, K extends Name<C>>(this: M, column: K, value: C[K]['~value'] | readonly C[K]['~value'][] | undefined): Query<M>
  whereIf<M extends AnyModel, K extends Name<C>>(this: M, column: K, operator: Operator, value: C[K]['~value'] | undefined): Query<M>
  whereIn<M extends AnyModel, K extends Name<C>>(this: M, column: K, values: readonly C[K]['~value'][]): Query<M>
  whereNotIn<M extends AnyModel, K extends Name<C>>(this: M, column: K, values: readonly C[K]['~value'][]): Query<M>
  whereBetween<M extends AnyModel, K extends Name<C>>(this: M, column: K, low: Exclude<C[K]['~value'], null>, high: Exclude<C[K]['~value'], null>): Query<M>
  whereNotBetween<M extends AnyModel, K extends Name<C>>(this: M, column: K, low: Exclude<C[K]['~value'], null>, high: Exclude<C[K]['~value'], null>): Query<M>
  select<M extends AnyModel>(this: M, ...columns: Name<C>[]): Query<M>
  pluck<K extends Name<C>>(column: K): Promise<Attributes<C>[K][]>
}

interface RelationStarters {
  with<M extends AnyModel, const P extends string>(this: M, ...paths: CheckedPath<M, P>[]): Query<M, P>
  with<M extends AnyModel, const T extends ConstraintMap<M>>(this: M, constraints: T): Query<M, ConstraintPaths<T>>
  withCount<M extends AnyModel, const K extends keyof RelationsOf<M> & string>(
    this: M,
    ...names: K[]
  ): Query<M, never, { readonly [N in K as `${N}Count`]: number }>
  withCount<M extends AnyModel, const T extends ConstraintMap<M>>(
    this: M,
    constraints: T,
  ): Query<M, never, { readonly [N in keyof T & string as `${N}Count`]: number }>
  withSum<M extends AnyModel, const K extends keyof RelationsOf<M> & string, const N extends Numeric<Target<RelationsOf<M>[K]>['columns']>>(
    this: M,
    relation: K,
    column: N,
    constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown,
  ): Query<M, never, { readonly [Key in NumberName<K, N>]: SumType<Target<RelationsOf<M>[K]>['columns'][N]['~value']> }>
  whereHas<M extends AnyModel, const K extends keyof RelationsOf<M> & string>(
    this: M,
    relation: K,
    constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown,
    operator?: Operator,
    count?: number,
  ): Query<M>
  whereDoesntHave<M extends AnyModel, const K extends keyof RelationsOf<M> & string>(
    this: M,
    relation: K,
    constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown,
  ): Query<M>
}

interface ResultStarters {
  forUpdate<M extends AnyModel>(this: M, options?: LockOptions): Query<M>
  withDeleted<M extends AnyModel>(this: M): Query<M>
  onlyDeleted<M extends AnyModel>(this: M): Query<M>
  withoutScope<M extends AnyModel>(this: M, ...names: string[]): Query<M>
  withoutScopes<M extends AnyModel>(this: M): Query<M>
  /** Says that every record is meant: `Car.all().delete()`. */
  all<M extends AnyModel>(this: M): Query<M>
  strict<M extends AnyModel>(this: M): Query<M>
  cache<M extends AnyModel>(this: M, options: QueryCacheOptions): Query<M>
  using<M extends AnyModel>(this: M, database: Database): Query<M>
  paginate<M extends AnyModel>(this: M, input?: PageInput): Promise<NumberedPage<Entity<M>>>
  paginateByCursor<M extends AnyModel>(this: M, input?: CursorInput): Promise<CursorPage<Entity<M>>>
  chunk<M extends AnyModel>(this: M, size: number, work: (records: Entity<M>[]) => unknown): Promise<void>
  stream<M extends AnyModel>(this: M, size?: number): AsyncGenerator<Entity<M>, void, undefined>
  sum<M extends AnyModel, K extends Numeric<M['columns']>>(this: M, column: K): Promise<SumType<Exclude<M['columns'][K]['~value'], null>>>
  avg<M extends AnyModel>(this: M, column: Numeric<M['columns']>): Promise<number | null>
  min<M extends AnyModel, K extends Name<M['columns']>>(this: M, column: K): Promise<M['columns'][K]['~value'] | null>
  max<M extends AnyModel, K extends Name<M['columns']>>(this: M, column: K): Promise<M['columns'][K]['~value'] | null>
  groupBy<M extends AnyModel, const K extends Name<M['columns']>>(this: M, ...columns: K[]): Grouped<M['columns'], K>
}

/** The scopes of a model, as statics. */
export type StaticScopes<S> = {
  [K in keyof S]: S[K] extends infer Args extends readonly unknown[] ? <M extends AnyModel>(this: M, ...args: Args) => Query<M> : never
}
