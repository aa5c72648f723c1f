/** What a change does to a database that is in use; the rules of the lint look at these, wherever they come from. */
export type Effect =
  | { readonly kind: 'createTable'; readonly table: string }
  | { readonly kind: 'dropTable'; readonly table: string }
  | { readonly kind: 'truncate'; readonly table: string }
  | { readonly kind: 'renameTable'; readonly table: string; readonly to: string }
  | AddedColumn
  | { readonly kind: 'dropColumn'; readonly table: string; readonly column: string }
  | { readonly kind: 'renameColumn'; readonly table: string; readonly column: string; readonly to: string }
  /** `to` is the new type as the database spells it, where it is known. */
  | { readonly kind: 'alterType'; readonly table: string; readonly column: string; readonly to: string | undefined }
  | { readonly kind: 'setNotNull'; readonly table: string; readonly column: string }
  /** Defaults, and null allowed again: a short lock, nothing read. */
  | { readonly kind: 'alterBriefly'; readonly table: string }
  | { readonly kind: 'createIndex'; readonly table: string; readonly unique: boolean; readonly concurrently: boolean; readonly method: string | undefined }
  /** The words of all rows are written down, in a column or beside the table. */
  | { readonly kind: 'indexWords'; readonly table: string }
  | { readonly kind: 'dropIndex'; readonly name: string; readonly concurrently: boolean }
  | { readonly kind: 'addForeignKey'; readonly table: string; readonly name: string | undefined; readonly validated: boolean }
  /** `notNull`: the column that the check keeps from being null. */
  | { readonly kind: 'addCheck'; readonly table: string; readonly name: string | undefined; readonly validated: boolean; readonly notNull: string | undefined }
  | { readonly kind: 'addKey'; readonly table: string; readonly what: 'unique' | 'primary key'; readonly usingIndex: boolean }
  | { readonly kind: 'validate'; readonly table: string; readonly name: string }
  | { readonly kind: 'dropConstraint'; readonly table: string; readonly name: string }
  | { readonly kind: 'rewrite'; readonly table: string; readonly how: string }
  | { readonly kind: 'lockTable'; readonly table: string }
  | { readonly kind: 'cascade'; readonly what: string }
  | { readonly kind: 'data'; readonly table: string; readonly what: 'insert' | 'update' | 'delete'; readonly bounded: boolean }
  /** In ms; 0 waits for ever. */
  | { readonly kind: 'lockTimeout'; readonly ms: number }
  /** Begins or ends transactions by itself. */
  | { readonly kind: 'transactionControl'; readonly what: string }
  /** Reads, settings, functions, comments: nothing to say. */
  | { readonly kind: 'other' }
  /** Changes a table in a way that the lint does not understand. */
  | { readonly kind: 'unclear'; readonly table: string; readonly what: string }

export interface AddedColumn {
  readonly kind: 'addColumn'
  readonly table: string
  readonly column: string
  readonly nullable: boolean
  /** `volatile`: computed for each row. */
  readonly fallback: 'none' | 'constant' | 'volatile'
  /** Computed from other columns and stored. */
  readonly stored: boolean
  readonly unique: boolean
  readonly references: boolean
  readonly checked: boolean
}

/** An effect and where it is. */
export interface LocatedEffect {
  readonly effect: Effect
  /** In a SQL file, from 1. */
  readonly line: number | undefined
}
