/** What DDL needs to know of a column, without dialect. */
export interface ColumnShape {
  readonly name: string
  readonly type: StoredType
  readonly nullable: boolean
  readonly default?: StoredDefault
}

/** How a column is stored; models and migrations describe it by columns, which say more (columns/column.ts). */
export type StoredType =
  | { readonly kind: 'uuid' | 'text' | 'integer' | 'bigint' | 'float' | 'boolean' | 'date' | 'timestamp' | 'json' | 'binary' }
  | { readonly kind: 'string'; readonly length: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  /** A number that the database counts up: the primary key of its table. */
  | { readonly kind: 'increment'; readonly big: boolean }
  /** As the database spells it; for what the portable types do not name. */
  | { readonly kind: 'native'; readonly sql: string }

export type StoredDefault =
  | { readonly value: unknown }
  /** An expression as the database spells it. */
  | { readonly sql: string }

export interface IndexShape {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique: boolean
  /** Condition of a partial index. */
  readonly where?: string
  /** Access method. PostgreSQL: `gin`, `gist`, `brin`, `hash`; MySQL: `fulltext`, `spatial`. */
  readonly using?: string
}

export type ReferenceAction = 'cascade' | 'restrict' | 'set null' | 'no action'

export interface ForeignKeyShape {
  readonly name: string
  readonly columns: readonly string[]
  readonly table: string
  readonly targets: readonly string[]
  readonly onDelete?: ReferenceAction
  readonly onUpdate?: ReferenceAction
}

export interface CheckShape {
  readonly name: string
  readonly expression: CheckExpression
}

/** Either SQL, or the values that a column may have. */
export type CheckExpression = { readonly sql: string } | { readonly column: string; readonly values: readonly string[] }

/** A table as DDL sees it: indexes, keys and checks have names of their own, so that each can be dropped on every database. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly ColumnShape[]
  readonly primary: readonly string[]
  readonly indexes: readonly IndexShape[]
  readonly foreignKeys: readonly ForeignKeyShape[]
  readonly checks: readonly CheckShape[]
}
