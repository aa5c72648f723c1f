import type { Columns } from '../columns/column.ts'
import type { RelationsOf, Target } from '../model/entity.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { Relation } from '../relations/relation.ts'
import type { FilterOperator } from './operators.ts'

/** Columns that may be named to clients: hidden ones never. */
export type VisibleName<C extends Columns> = { [K in keyof C & string]: 'hidden' extends C[K]['~flags'] ? never : K }[keyof C & string]

type Equality = 'eq' | 'ne' | 'in' | 'nin' | 'null'
type Order = 'gt' | 'gte' | 'lt' | 'lte' | 'between'
type Words = 'contains' | 'starts' | 'ends'

/** Operators of a column by its value; which of them a text's kind really has (decimals are texts) is known when the application starts. */
export type OperatorFor<Value> =
  boolean extends Exclude<Value, null>
    ? 'eq' | 'ne' | 'null'
    : Exclude<Value, null> extends string
      ? Equality | Order | Words
      : Exclude<Value, null> extends number | bigint | Date
        ? Equality | Order
        : never

type RelationName<M> = keyof RelationsOf<M> & string
type NameIn<M> = M extends AnyModel ? VisibleName<M['columns']> : never

/** Columns of what a relation leads to: `dealer.city`. */
type RelatedName<M> = { [R in RelationName<M>]: `${R}.${NameIn<Target<RelationsOf<M>[R]>>}` }[RelationName<M>]
/** The same over several relations: `dealer.staff.name`; whether it exists is known when the application starts. */
type FartherName<M> = `${RelationName<M>}.${string}.${string}`
type ToOne<M> = { [R in RelationName<M>]: RelationsOf<M>[R] extends Relation<unknown, 'many'> ? never : R }[RelationName<M>]

type ValueIn<M, Path extends string> = Path extends `${infer First}.${infer Rest}`
  ? First extends RelationName<M>
    ? ValueIn<Target<RelationsOf<M>[First]>, Rest>
    : never
  : M extends AnyModel
    ? Path extends keyof M['columns']
      ? M['columns'][Path]['~value']
      : never
    : never

/** Columns that may be filtered by, with the operators: `true` for all that its kind has. */
export type FilterOptions<M extends AnyModel> = {
  readonly [Path in NameIn<M> | RelatedName<M>]?: true | readonly OperatorFor<ValueIn<M, Path>>[]
} & { readonly [Path in FartherName<M>]?: true | readonly FilterOperator[] }

/** What may be sorted by: columns, and those of relations to one. */
export type SortName<M extends AnyModel> =
  | NameIn<M>
  | { [R in ToOne<M>]: `${R}.${NameIn<Target<RelationsOf<M>[R]>>}` }[ToOne<M>]
  | `${ToOne<M>}.${string}.${string}`

type Plain<Value> = Value extends Date ? Date | string : Value extends bigint ? bigint | string | number : Value extends number ? number | string : Value
type One<Value> = Value extends null ? never : Plain<Value>

/** What a client gives for a filter. */
type FilterValue<Value, Operator> = Operator extends 'in' | 'nin'
  ? string | readonly One<Value>[]
  : Operator extends 'between'
    ? string | readonly [One<Value>, One<Value>]
    : Operator extends 'null'
      ? boolean | 'true' | 'false'
      : Operator extends 'contains' | 'starts' | 'ends'
        ? string
        : One<Value>

type OperatorsOf<M extends AnyModel, F, Path extends keyof F & string> = F[Path] extends readonly (infer Operator extends FilterOperator)[]
  ? Operator
  : OperatorFor<ValueIn<M, Path>>

type FilterKey<M extends AnyModel, F> = {
  [Path in keyof F & string]: `filter[${Path}][${OperatorsOf<M, F, Path>}]` | ('eq' extends OperatorsOf<M, F, Path> ? `filter[${Path}]` : never)
}[keyof F & string]

type ValueAt<M extends AnyModel, Key> = Key extends `filter[${infer Path}][${infer Operator}]`
  ? FilterValue<ValueIn<M, Path>, Operator>
  : Key extends `filter[${infer Path}]`
    ? FilterValue<ValueIn<M, Path>, 'eq'>
    : never

/** The parameters of declared filters, as a client gives them. */
export type FilterInput<M extends AnyModel, F> = { readonly [Key in FilterKey<M, F>]?: ValueAt<M, Key> | undefined }
