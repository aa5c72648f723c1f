import type { ColumnType } from 'kysely'
import type { Columns } from '../columns/column.ts'

/** What `db.sql` gives for a value: as the database has it, without the casts of records. */
type Read<Value> = Value extends null
  ? null
  : Value extends Date
    ? Date | number
    : Value extends boolean
      ? boolean | number
      : Value extends bigint
        ? bigint | number
        : Value extends string | number | Uint8Array
          ? Value
          : Value | string

/** What is bound for a value: JSON goes in as text. */
type Bound<Value> = Value extends string | number | bigint | boolean | Date | Uint8Array | null ? Value : string

/** Only what the table itself fills in may be left out: uuid keys and timestamps are made by models. */
type Inserted<Value, Flags> = 'optional' extends Flags
  ? 'key' extends Flags
    ? Value extends string
      ? Value
      : Bound<Value> | undefined
    : 'kept' extends Flags
      ? [Value] extends [Date]
        ? Value
        : Bound<Value> | undefined
      : Bound<Value> | undefined
  : Bound<Value>

/**
 * A model's table as `db.sql` sees it, from the model's own columns.
 *
 * Dates are `Date` on PostgreSQL and MySQL and milliseconds on SQLite, truths are numbers but on PostgreSQL, JSON is text
 * on SQLite; the types say both.
 *
 * @example
 * declare module '@glueful/database' {
 *   interface Tables { cars: RowOf<typeof Car>; dealers: RowOf<typeof Dealer> }
 * }
 */
export type RowOf<M extends { readonly columns: Columns }> = {
  [K in keyof M['columns']]: ColumnType<
    Read<M['columns'][K]['~value']>,
    Inserted<M['columns'][K]['~value'], M['columns'][K]['~flags']>,
    Bound<M['columns'][K]['~value']>
  >
}
