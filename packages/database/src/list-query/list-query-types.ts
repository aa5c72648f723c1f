import type { z } from 'zod'
import type { FilterInput, FilterOptions, SortName, VisibleName } from '../filters/filter-options.ts'
import type { FilterLimits } from '../filters/parse-filters.ts'
import type { SelectionLimits } from '../fields/selection-plan.ts'
import type { RelationsOf } from '../model/entity.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { AnyQuery } from '../query/query.ts'

type RelationName<M> = keyof RelationsOf<M> & string
type Appended<M> = M extends { readonly appends: readonly (infer Name extends string)[] } ? Name : never

/** What may be asked of a model's records: columns that are not hidden, getters in `appends`, and paths into relations. */
export type FieldName<M extends AnyModel> = VisibleName<M['columns']> | Appended<M> | '*' | `${RelationName<M>}.${string}`

/** `dealer`, `dealer.staff` */
export type ExpandPath<M extends AnyModel> = RelationName<M> | `${RelationName<M>}.${string}`

export interface SelectionOptions<M extends AnyModel> {
  /** Fields that may be asked for by `?fields=`; without it the parameter does not exist, and all are answered. `dealer.name` also allows the relation. */
  readonly fields?: readonly FieldName<M>[]
  /** Relations that may be asked for by `?expand=`. */
  readonly expand?: readonly ExpandPath<M>[]
  /** Further fields that a resource computes: `CarResource.computed`. Asking for one reads all columns. */
  readonly computed?: readonly string[]
  /** Whether fields that are not allowed are answered by 400, or left out. Default: true. */
  readonly strict?: boolean
}

export interface QueryFilterOptions<M extends AnyModel> {
  /** Columns that may be filtered by, and how; nothing else can be. `'dealer.city'` is a column of what a relation leads to. */
  readonly filter?: FilterOptions<M>
  /** Columns that may be sorted by; of relations those to one record. */
  readonly sort?: readonly SortName<M>[]
  /** Columns that `?search=` looks into: each word in one of them. Or `'fullText'`: what the model's `fullText` says, the most relevant first. */
  readonly search?: readonly VisibleName<M['columns']>[] | 'fullText'
}

export interface ListOptions<M extends AnyModel> extends SelectionOptions<M>, QueryFilterOptions<M> {
  /** The order where the client asks for none, as it would write it: `-createdAt,make`. */
  readonly defaultSort?: string
  /** Pages by number (`page`), or by their neighbours (`cursor`). Default: `number`. */
  readonly paging?: 'number' | 'cursor'
  /** Records a page. Default: 25. */
  readonly perPage?: number
  /** Default: 100. */
  readonly maxPerPage?: number
  readonly limits?: Partial<FilterLimits & SelectionLimits>
  /** More parameters, as zod schemas. */
  readonly extra?: z.ZodRawShape
}

type ExtraInput<O> = O extends { readonly extra: infer Shape extends z.ZodRawShape } ? z.input<z.ZodObject<Shape>> : {}
type ExtraOutput<O> = O extends { readonly extra: infer Shape extends z.ZodRawShape } ? z.output<z.ZodObject<Shape>> : {}
type Simplify<T> = { [K in keyof T]: T[K] } & {}
type Has<O, Key extends string, T> = O extends { readonly [K in Key]: unknown } ? T : {}

type SortText<O> = O extends { readonly sort: readonly (infer Name extends string)[] } ? Name | `-${Name}` | `${Name | `-${Name}`},${string}` : never

type PagingInput<O> = O extends { readonly paging: 'cursor' } ? { readonly cursor?: string } : { readonly page?: number | string }

type SelectionInput<M extends AnyModel, O> = Has<O, 'fields', { readonly fields?: string | readonly FieldName<M>[] }> &
  Has<O, 'expand', { readonly expand?: string | readonly ExpandPath<M>[] }>

/** The parameters of a list as a client gives them. */
export type ListInput<M extends AnyModel, O> = Simplify<
  PagingInput<O> & { readonly perPage?: number | string } & SelectionInput<M, O> &
    Has<O, 'sort', { readonly sort?: SortText<O> }> &
    Has<O, 'search', { readonly search?: string }> &
    (O extends { readonly filter: infer F } ? FilterInput<M, F> : {}) &
    ExtraInput<O>
>

/** Brings what a client asked for to a query of the model. */
export interface AppliesTo {
  /**
   * The query with the client's conditions, order, fields and relations, which come after the query's own.
   * @throws `LIST_QUERY_INVALID` for a query of another model
   */
  apply<Q extends AnyQuery>(query: Q): Q
}

type Chosen<O> = Has<O, 'fields', { readonly choosesFields: true }>

/** What a handler gets: the page, further parameters, and the way to apply the rest to a query. */
export type ListRequest<O> = Simplify<
  (O extends { readonly paging: 'cursor' } ? { readonly cursor: string | undefined } : { readonly page: number }) & {
    readonly perPage: number
    /** The largest `perPage`, for `paginate`. */
    readonly max: number
    /** A reference to the same list with other parameters, relative to its address: `?page=2&sort=price`. */
    readonly linkTo: (change: Readonly<Record<string, string | number | undefined>>) => string
  } & Chosen<O> &
    ExtraOutput<O>
> &
  AppliesTo

/** What a handler of a single record gets. */
export type SelectionRequest<O> = Simplify<Chosen<O> & ExtraOutput<O>> & AppliesTo

export type SelectionParameters<M extends AnyModel, O> = Simplify<SelectionInput<M, O> & ExtraInput<O>>

/** A Standard Schema that describes itself (Standard JSON Schema), for the `query` of a route. */
export interface QuerySchema<Input, Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'glueful'
    readonly validate: (value: unknown) => QueryResult<Output> | Promise<QueryResult<Output>>
    readonly jsonSchema: { readonly input: () => Readonly<Record<string, unknown>>; readonly output: () => Readonly<Record<string, unknown>> }
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

export type QueryResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly PropertyKey[] | undefined }[] }
