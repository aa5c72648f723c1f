import type { Column, Columns } from './column.ts'

/** What a record holds: the value of each column. */
export type Attributes<C extends Columns> = { -readonly [K in keyof C]: C[K]['~value'] }

type Simplify<T> = { [K in keyof T]: T[K] } & {}

type OptionalNames<C extends Columns> = { [K in keyof C]: 'optional' extends C[K]['~flags'] ? K : never }[keyof C]

/** What `create` takes: columns that are nullable, generated or have a default may be left out. */
export type CreateInput<C extends Columns> = Simplify<
  { [K in Exclude<keyof C, OptionalNames<C>>]: C[K]['~value'] } & { [K in OptionalNames<C>]?: C[K]['~value'] | undefined }
>

/** What `update` takes: any of the columns. */
export type UpdateInput<C extends Columns> = { [K in keyof C]?: C[K]['~value'] | undefined }

/** The type of a table's key. */
export type KeyOf<C extends Columns> = {
  [K in keyof C]: C[K] extends Column<infer Value, infer Flags> ? ('key' extends Flags ? Value : never) : never
}[keyof C]

type Sent<Value> = Value extends Date | bigint | Uint8Array ? string : Value

/** A record as JSON has it: without hidden columns; dates as ISO 8601, bigints as digits, bytes as base64. */
export type Serialized<C extends Columns> = { [K in keyof C as 'hidden' extends C[K]['~flags'] ? never : K]: Sent<C[K]['~value']> }
