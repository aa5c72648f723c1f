import type { z } from 'zod'
import type { Serialized } from '../columns/attributes.ts'
import type { Columns } from '../columns/column.ts'
import type { VisibleName } from '../filters/filter-options.ts'
import type { Entity, RelationsOf } from '../model/entity.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { CursorInput, CursorPage, NumberedPage, PageInput } from '../query/paginate.ts'
import type { Relation } from '../relations/relation.ts'

/** Values that are worked out, each with its schema. A value that is undefined is left out. */
export type Computed<M extends AnyModel, P extends Record<string, z.ZodType>, Context> = {
  readonly [K in keyof P]: { readonly schema: P[K]; readonly value: (record: Entity<M>, context: Context) => z.input<P[K]> | undefined }
}

/** What records of a relation are answered as; a function where files import each other. */
export type Related = AnyResource | (() => AnyResource)

export interface ResourceOptions<
  M extends AnyModel,
  F extends VisibleName<M['columns']>,
  P extends Record<string, z.ZodType>,
  R,
  N extends string,
  W extends VisibleName<M['columns']>,
  Q extends Record<string, z.ZodType>,
  Context,
> {
  /** Its name among the components of OpenAPI. Default: the model's, with `Resource` behind it. */
  readonly name?: string
  /** Columns. Default: all that are not hidden. */
  readonly fields?: readonly F[]
  readonly computed?: Computed<M, P, Context>
  /** Relations, where they are loaded; nothing is loaded by answering. */
  readonly relations?: R & { readonly [K in keyof R]: K extends keyof RelationsOf<M> ? Related : never }
  /** Relations whose number is answered as `photosCount`, where `withCount` asked for it. */
  readonly counts?: readonly (N & keyof RelationsOf<M>)[]
  /** What is answered only under a condition: all of a block, or nothing. */
  readonly when?: {
    readonly if: (record: Entity<M>, context: Context) => boolean
    readonly fields?: readonly W[]
    readonly computed?: Computed<M, Q, Context>
  }
}

type Simplify<T> = { [K in keyof T]: T[K] } & {}

type ResourceOf<T> = T extends () => infer Made ? Made : T
type Shaped<R, Value> = R extends Relation<infer _, infer N> ? (N extends 'many' ? Value[] : N extends 'maybe' ? Value | null : Value) : never

type OptionalOutput<P extends Record<string, z.ZodType>> = { [K in keyof P as undefined extends z.output<P[K]> ? K : never]?: z.output<P[K]> }
type RequiredOutput<P extends Record<string, z.ZodType>> = { [K in keyof P as undefined extends z.output<P[K]> ? never : K]: z.output<P[K]> }
type Outputs<P extends Record<string, z.ZodType>> = OptionalOutput<P> & RequiredOutput<P>

type Picked<C extends Columns, F extends string> = Pick<Serialized<C>, F & keyof Serialized<C>>

type RelatedOut<M extends AnyModel, R, Side extends '~out' | '~part'> = {
  [K in keyof R & keyof RelationsOf<M>]?: ResourceOf<R[K]> extends { readonly [S in Side]?: infer Value }
    ? Shaped<RelationsOf<M>[K], Exclude<Value, undefined>>
    : never
}

export type ResourceOut<
  M extends AnyModel,
  F extends string,
  P extends Record<string, z.ZodType>,
  R,
  N extends string,
  W extends string,
  Q extends Record<string, z.ZodType>,
> = Simplify<
  Picked<M['columns'], Exclude<F, W>> &
    Partial<Picked<M['columns'], W>> &
    Outputs<P> &
    Partial<Outputs<Q>> &
    RelatedOut<M, R, '~out'> & { [K in N as `${K}Count`]?: number }
>

/** The same where a client chose among the fields. */
export type ResourcePart<
  M extends AnyModel,
  F extends string,
  P extends Record<string, z.ZodType>,
  R,
  N extends string,
  W extends string,
  Q extends Record<string, z.ZodType>,
> = Simplify<Partial<Picked<M['columns'], F | W> & Outputs<P> & Outputs<Q>> & RelatedOut<M, R, '~part'> & { [K in N as `${K}Count`]?: number }>

/** References to other pages, relative to the address of this one (RFC 3986, 5.2); null where there is none. */
export interface PageLinks {
  readonly self: string
  readonly first: string
  readonly prev: string | null
  readonly next: string | null
  readonly last: string
}

export interface ResourcePage<Item> extends NumberedPage<Item> {
  readonly links: PageLinks
}

export interface ResourceCursorPage<Item> extends CursorPage<Item> {
  readonly links: Omit<PageLinks, 'last'>
}

/** Schemas for the `response` of routes. */
export interface ResourceSchemas<Out> {
  readonly schema: z.ZodType<Out>
  /** Of `paginate`. */
  readonly page: z.ZodType<ResourcePage<Out>>
  /** Of `paginateByCursor`. */
  readonly cursorPage: z.ZodType<ResourceCursorPage<Out>>
}

interface Linking {
  readonly linkTo: (change: Readonly<Record<string, string | number | undefined>>) => string
}

type Chosen<I, Out, Part> = I extends { readonly choosesFields: true } ? Part : Out
type ContextArgument<Context> = unknown extends Context ? [context?: Context] : [context: Context]

/** How records of a model are answered. */
export interface Resource<M extends AnyModel, Out, Part, Context> extends ResourceSchemas<Out> {
  readonly '~out'?: Out
  readonly '~part'?: Part
  /** The same where a client chose among the fields: all of them optional. */
  readonly partial: ResourceSchemas<Part>
  /** Names that are computed, for `listQuery(…, { computed })`. */
  readonly computed: readonly string[]
  one(record: InstanceType<M>, ...context: ContextArgument<Context>): Out
  many(records: readonly InstanceType<M>[], ...context: ContextArgument<Context>): Out[]
  /** A page with its links; `input` is what a `listQuery` gave. @throws 422 `PAGE_INVALID` */
  paginate<I extends PageInput & Linking>(
    query: { paginate(input?: PageInput): Promise<NumberedPage<InstanceType<M>>> },
    input: I,
    ...context: ContextArgument<Context>
  ): Promise<ResourcePage<Chosen<I, Out, Part>>>
  /** @throws 422 `CURSOR_INVALID` */
  paginateByCursor<I extends CursorInput & Linking>(
    query: { paginateByCursor(input?: CursorInput): Promise<CursorPage<InstanceType<M>>> },
    input: I,
    ...context: ContextArgument<Context>
  ): Promise<ResourceCursorPage<Chosen<I, Out, Part>>>
}

/** A resource as far as others that contain it need it. */
export interface AnyResource {
  readonly '~out'?: unknown
  readonly '~part'?: unknown
}
