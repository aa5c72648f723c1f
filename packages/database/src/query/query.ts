import type { Attributes } from '../columns/attributes.ts'
import type { Columns } from '../columns/column.ts'
import type { Database } from '../connection/database.ts'
import type { CheckedPath, Entity, RelationsOf, Target, TargetAt } from '../model/entity.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { Sql } from '../sql/sql.ts'
import type { QueryCacheOptions } from '../query-cache/cache-options.ts'
import type { Operator } from './condition.ts'
import type { CursorInput, CursorPage, NumberedPage, PageInput } from './paginate.ts'
import type { HavingFunction } from './query-state.ts'

type Name<C extends Columns> = keyof C & string
type ValueOf<C extends Columns, K extends keyof C> = C[K]['~value']
type Ordered<Value> = Exclude<Value, null>

/** Columns and the values they must have; a list is any of them, null is null. */
export type WhereObject<C extends Columns> = { readonly [K in keyof C]?: ValueOf<C, K> | readonly ValueOf<C, K>[] }

export interface LockOptions {
  /** Leaves out rows that others have locked. */
  readonly skipLocked?: boolean
  /** Fails at once where others have locked rows. */
  readonly noWait?: boolean
}

/** What a condition on a column takes: its value, or an operator and a value. */
type WhereValue<C extends Columns, K extends keyof C> =
  | [value: ValueOf<C, K> | readonly ValueOf<C, K>[]]
  | [operator: '=' | '!=', value: ValueOf<C, K>]
  | [operator: Operator, value: Ordered<ValueOf<C, K>>]

type WhereValueIf<C extends Columns, K extends keyof C> =
  | [value: ValueOf<C, K> | readonly ValueOf<C, K>[] | undefined]
  | [operator: Operator, value: ValueOf<C, K> | undefined]

/** The part of a query that columns alone decide; scopes and groups of conditions get it. */
export interface Conditions<C extends Columns> {
  /**
   * `where('price', '<', 9_000)`, `where('make', 'Volvo')`, `where({ make: ['Volvo', 'Saab'], soldAt: null })`, or a group in
   * brackets: `where((query) => query.where(…).orWhere(…))`.
   * @throws `QUERY_VALUE_UNDEFINED` for a value that is undefined, `QUERY_WHERE_EMPTY` for `{}`
   */
  where(equal: WhereObject<C>): this
  where(group: (query: Conditions<C>) => unknown): this
  where<K extends Name<C>>(column: K, ...condition: WhereValue<C, K>): this
  orWhere(equal: WhereObject<C>): this
  orWhere(group: (query: Conditions<C>) => unknown): this
  orWhere<K extends Name<C>>(column: K, ...condition: WhereValue<C, K>): this
  whereNot(equal: WhereObject<C>): this
  whereNot(group: (query: Conditions<C>) => unknown): this
  whereNot<K extends Name<C>>(column: K, ...condition: WhereValue<C, K>): this
  /** Like `where`, and nothing where the value is undefined. */
  whereIf<K extends Name<C>>(column: K, ...condition: WhereValueIf<C, K>): this
  whereIn<K extends Name<C>>(column: K, values: readonly ValueOf<C, K>[]): this
  whereNotIn<K extends Name<C>>(column: K, values: readonly ValueOf<C, K>[]): this
  /** Both ends included. */
  whereBetween<K extends Name<C>>(column: K, low: Ordered<ValueOf<C, K>>, high: Ordered<ValueOf<C, K>>): this
  whereNotBetween<K extends Name<C>>(column: K, low: Ordered<ValueOf<C, K>>, high: Ordered<ValueOf<C, K>>): this
  whereNull(column: Name<C>): this
  whereNotNull(column: Name<C>): this
  /** Compares two columns. */
  whereColumn(column: Name<C>, operator: Operator, other: Name<C>): this
  /** A pattern with `%` and `_`, whatever the case of letters; `!` takes a wildcard its meaning. What users type belongs into `whereContains` and the like. */
  whereLike(column: Name<C>, pattern: string): this
  whereNotLike(column: Name<C>, pattern: string): this
  /** The text as it is, anywhere in the column, whatever the case of letters. */
  whereContains(column: Name<C>, text: string): this
  whereStartsWith(column: Name<C>, text: string): this
  whereEndsWith(column: Name<C>, text: string): this
  whereExists(query: AnyQuery): this
  whereNotExists(query: AnyQuery): this
  /**
   * What people type, in the columns that the model's `fullText` names: `red audi "service history" -diesel volks*`. A text
   * without words adds nothing.
   * @throws 400 `SEARCH_TOO_LONG`; `FULL_TEXT_MISSING`
   */
  whereSearch(text: string): this
  /** `whereSearch`, and the most relevant first unless `orderBy` says otherwise. */
  search(text: string): this
  /** A condition of your own: `` whereSql(sql`price < list_price * ${factor}`) ``. */
  whereSql(condition: Sql): this
  orderBy(column: Name<C>, direction?: 'asc' | 'desc'): this
  /** The youngest first, by `createdAt` or the column. */
  latest(column?: Name<C>): this
  oldest(column?: Name<C>): this
  unordered(): this
  limit(count: number): this
  offset(count: number): this
  distinct(): this
}

/** Any query of any model, where its records do not matter. */
export interface AnyQuery {
  readonly '~loaded': string
}

export type RelatedQuery<R> = Target<R> extends infer M extends AnyModel ? Query<M> : never
type LoadedBy<K extends string, Result> = Result extends { readonly '~loaded': infer L extends string } ? K | `${K}.${L}` : K

/** Relations with what is asked of them: `{ photos: (query) => query.limit(3) }`, or true. */
export type ConstraintMap<M> = { readonly [K in keyof RelationsOf<M>]?: true | ((query: RelatedQuery<RelationsOf<M>[K]>) => unknown) }
export type ConstraintPaths<T> = { [K in keyof T & string]: T[K] extends (query: never) => infer Result ? LoadedBy<K, Result> : K }[keyof T & string]

export type NumberName<Relation extends string, Column extends string> = `${Relation}${Capitalize<Column>}Sum`
export type SumType<Value> = Value extends bigint ? bigint : Value extends string ? string : number
export type Numeric<C extends Columns> = { [K in Name<C>]: Exclude<ValueOf<C, K>, null> extends number | bigint | string ? K : never }[Name<C>]

type Found<M extends AnyModel, L extends string, A> = Entity<M, L> & A

/** A query for records of a model. `L` are the relations that are loaded with them, `A` what is counted. */
export interface QueryMethods<M extends AnyModel, L extends string, A> extends Conditions<M['columns']> {
  readonly '~loaded': L

  // relations
  /** Loads relations with the records, each with one query: `with('dealer.staff', 'photos')`, `with({ photos: (query) => query.limit(3) })`. */
  with<const P extends string>(...paths: CheckedPath<M, P>[]): Query<M, L | P, A>
  with<const T extends ConstraintMap<M>>(constraints: T): Query<M, L | ConstraintPaths<T>, A>
  /** Counts related records: `withCount('photos')` gives `photosCount`. */
  withCount<const K extends keyof RelationsOf<M> & string>(...names: K[]): Query<M, L, A & { readonly [N in K as `${N}Count`]: number }>
  withCount<const T extends ConstraintMap<M>>(constraints: T): Query<M, L, A & { readonly [N in keyof T & string as `${N}Count`]: number }>
  /** Sums a column of related records: `withSum('lines', 'amount')` gives `linesAmountSum`. */
  withSum<const K extends keyof RelationsOf<M> & string, const N extends Numeric<Target<RelationsOf<M>[K]>['columns']>>(
    relation: K,
    column: N,
    constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown,
  ): Query<M, L, A & { readonly [Key in NumberName<K, N>]: SumType<ValueOf<Target<RelationsOf<M>[K]>['columns'], N>> }>
  /** Records that have related ones – with a condition, and as many as said: `whereHas('photos', undefined, '>=', 3)`. */
  whereHas<const K extends keyof RelationsOf<M> & string>(
    relation: K,
    constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown,
    operator?: Operator,
    count?: number,
  ): this
  whereHas<const P extends string>(path: CheckedPath<M, P>, constrain?: (query: Query<TargetAt<M, P>>) => unknown): this
  whereDoesntHave<const K extends keyof RelationsOf<M> & string>(relation: K, constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown): this
  whereDoesntHave<const P extends string>(path: CheckedPath<M, P>, constrain?: (query: Query<TargetAt<M, P>>) => unknown): this
  orWhereHas<const K extends keyof RelationsOf<M> & string>(relation: K, constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown): this
  orWhereHas<const P extends string>(path: CheckedPath<M, P>, constrain?: (query: Query<TargetAt<M, P>>) => unknown): this
  orWhereDoesntHave<const K extends keyof RelationsOf<M> & string>(relation: K, constrain?: (query: RelatedQuery<RelationsOf<M>[K]>) => unknown): this
  orWhereDoesntHave<const P extends string>(path: CheckedPath<M, P>, constrain?: (query: Query<TargetAt<M, P>>) => unknown): this
  /**
   * Orders by a column of what relations to one lead to: `orderByRelated('dealer', 'name')`. Records without any come where
   * null does.
   * @throws `RELATION_INVALID` for a relation to many
   */
  orderByRelated<const P extends string>(path: CheckedPath<M, P>, column: Name<TargetAt<M, P>['columns']>, direction?: 'asc' | 'desc'): this
  /**
   * Keeps what is read in the application's cache, relations loaded by `with` included. Writes to the tables that were read
   * clear it when they commit. Inside a transaction the database is asked.
   * @throws `QUERY_SHAPE_UNSUPPORTED` with a lock, `chunk` or `stream`
   */
  cache(options: QueryCacheOptions): this
  /** Refuses to load relations that are touched and were not asked for. */
  strict(strict?: boolean): this

  // what is read, and how
  /** Reads only some columns; the key is always among them. Others are undefined then. */
  select(...columns: Name<M['columns']>[]): this
  /** Locks the rows until the transaction ends; nothing on SQLite, where a transaction is alone with its writes. */
  forUpdate(options?: LockOptions): this
  forShare(options?: LockOptions): this
  /** Also records that were deleted softly. */
  withDeleted(): this
  onlyDeleted(): this
  withoutScope(...names: string[]): this
  withoutScopes(): this
  /** Says that every record is meant: `Car.all().delete()`. */
  all(): this
  using(database: Database): this
  clone(): this

  // records
  get(): Promise<Found<M, L, A>[]>
  first(): Promise<Found<M, L, A> | undefined>
  /** @throws 404 `MODEL_NOT_FOUND` */
  firstOrFail(): Promise<Found<M, L, A>>
  find(key: string | number | bigint): Promise<Found<M, L, A> | undefined>
  /** @throws 404 `MODEL_NOT_FOUND` */
  findOrFail(key: string | number | bigint): Promise<Found<M, L, A>>
  findMany(keys: readonly (string | number | bigint)[]): Promise<Found<M, L, A>[]>
  pluck<K extends Name<M['columns']>>(column: K): Promise<ValueOf<M['columns'], K>[]>
  /** A page by its number. @throws 422 `PAGE_INVALID` */
  paginate(input?: PageInput): Promise<NumberedPage<Found<M, L, A>>>
  /** A page by its neighbours. @throws 422 `CURSOR_INVALID` */
  paginateByCursor(input?: CursorInput): Promise<CursorPage<Found<M, L, A>>>
  /** All records in the order of their keys, with a query for each chunk. */
  chunk(size: number, work: (records: Found<M, L, A>[]) => unknown): Promise<void>
  /** Records as the database gives them. */
  stream(size?: number): AsyncGenerator<Found<M, L, A>, void, undefined>

  // numbers
  count(): Promise<number>
  exists(): Promise<boolean>
  /** 0 where there are no records; decimals as text. */
  sum<K extends Numeric<M['columns']>>(column: K): Promise<SumType<Exclude<ValueOf<M['columns'], K>, null>>>
  avg(column: Numeric<M['columns']>): Promise<number | null>
  min<K extends Name<M['columns']>>(column: K): Promise<ValueOf<M['columns'], K> | null>
  max<K extends Name<M['columns']>>(column: K): Promise<ValueOf<M['columns'], K> | null>
  groupBy<const K extends Name<M['columns']>>(...columns: K[]): Grouped<M['columns'], K>

  // writes of many records in one statement; they fire no events
  /** @throws `QUERY_EVERYTHING` without a condition; say `all()` */
  update(values: { readonly [K in keyof M['columns']]?: ValueOf<M['columns'], K> | undefined }): Promise<number>
  increment<K extends Numeric<M['columns']>>(column: K, by?: Exclude<ValueOf<M['columns'], K>, null>): Promise<number>
  decrement<K extends Numeric<M['columns']>>(column: K, by?: Exclude<ValueOf<M['columns'], K>, null>): Promise<number>
  delete(): Promise<number>
  /**
   * Like `update` and `delete`, and gives the records, as they are after the update or were before they were deleted; on
   * MySQL and MariaDB in a transaction of several statements.
   */
  updateReturning(values: { readonly [K in keyof M['columns']]?: ValueOf<M['columns'], K> | undefined }): Promise<Entity<M>[]>
  deleteReturning(): Promise<Entity<M>[]>
  forceDelete(): Promise<number>
  restore(): Promise<number>

  /** The database's plan; with `analyze` the statement is run and measured, where the database can. */
  explain(options?: { readonly analyze?: boolean }): Promise<string>
  toSql(): { readonly text: string; readonly params: readonly unknown[] }
}

type AggregateMap<C extends Columns> = Readonly<Record<string, 'count' | readonly ['sum' | 'avg', Numeric<C>] | readonly ['min' | 'max', Name<C>]>>
type AggregateValue<C extends Columns, T> = T extends 'count'
  ? number
  : T extends readonly ['sum', infer K extends keyof C]
    ? SumType<Exclude<ValueOf<C, K>, null>>
    : T extends readonly ['avg', unknown]
      ? number | null
      : T extends readonly [unknown, infer K extends keyof C]
        ? ValueOf<C, K> | null
        : never

/** Rows taken together where columns are equal. */
export interface Grouped<C extends Columns, K extends keyof C> {
  having(fn: 'count', operator: Operator, value: number): this
  having(fn: Exclude<HavingFunction, 'count'>, column: Name<C>, operator: Operator, value: number): this
  /** `aggregate({ cars: 'count', total: ['sum', 'price'] })` */
  aggregate<const T extends AggregateMap<C>>(aggregates: T): Promise<(Pick<Attributes<C>, K> & { [N in keyof T]: AggregateValue<C, T[N]> })[]>
}

type ScopesOf<M> = M extends { readonly '~scopes'?: infer S } ? S : {}

/** The scopes of a model, as methods of its queries. */
export type ScopeMethods<S> = { [K in keyof S]: S[K] extends infer Args extends readonly unknown[] ? <Q>(this: Q, ...args: Args) => Q : never }

export type Query<M extends AnyModel, L extends string = never, A = {}> = QueryMethods<M, L, A> & ScopeMethods<ScopesOf<M>>
