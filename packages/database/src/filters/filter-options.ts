import type { Columns } from '../columns/column.ts'
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

/** Columns that may be filtered by, with the operators: `true` for all that its kind has. */
export type FilterOptions<C extends Columns> = { readonly [K in VisibleName<C>]?: true | readonly OperatorFor<C[K]['~value']>[] }

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

type OperatorsOf<C extends Columns, F, K extends keyof F & keyof C> = F[K] extends readonly (infer Operator extends FilterOperator)[]
  ? Operator
  : OperatorFor<C[K]['~value']>

type FilterKey<C extends Columns, F> = {
  [K in keyof F & keyof C & string]: `filter[${K}][${OperatorsOf<C, F, K>}]` | ('eq' extends OperatorsOf<C, F, K> ? `filter[${K}]` : never)
}[keyof F & keyof C & string]

type ValueAt<C extends Columns, Key> = Key extends `filter[${infer K extends keyof C & string}][${infer Operator}]`
  ? FilterValue<C[K]['~value'], Operator>
  : Key extends `filter[${infer K extends keyof C & string}]`
    ? FilterValue<C[K]['~value'], 'eq'>
    : never

/** The parameters of declared filters, as a client gives them. */
export type FilterInput<C extends Columns, F> = { readonly [Key in FilterKey<C, F>]?: ValueAt<C, Key> | undefined }
