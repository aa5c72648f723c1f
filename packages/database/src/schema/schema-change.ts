import type { FullTextShape } from '../full-text/full-text-options.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { Sql } from '../sql/sql.ts'
import type { CheckShape, StoredDefault, ColumnShape, StoredType, ForeignKeyShape, IndexShape, TableShape } from './table-shape.ts'

/** SQL for all databases, or for each; one that is left out does nothing there. */
export type DialectSql = string | Partial<Readonly<Record<Dialect, string>>>

/** One step of a migration as a value: rendered as DDL, recorded for the lint and the checksum, listed by `--dry-run`. */
export type SchemaChange =
  | { readonly kind: 'createTable'; readonly table: TableShape; readonly ifNotExists: boolean }
  | { readonly kind: 'dropTable'; readonly table: string; readonly ifExists: boolean }
  | { readonly kind: 'renameTable'; readonly table: string; readonly to: string }
  | {
      readonly kind: 'addColumn'
      readonly table: string
      readonly column: ColumnShape
      readonly indexes: readonly IndexShape[]
      readonly foreignKey?: ForeignKeyShape
      readonly check?: CheckShape
    }
  | { readonly kind: 'dropColumn'; readonly table: string; readonly column: string }
  | { readonly kind: 'renameColumn'; readonly table: string; readonly column: string; readonly to: string }
  | ColumnAlteration
  | { readonly kind: 'createIndex'; readonly table: string; readonly index: IndexShape; readonly concurrently: boolean }
  | { readonly kind: 'dropIndex'; readonly table: string; readonly name: string; readonly concurrently: boolean }
  | { readonly kind: 'createFullText'; readonly table: string; readonly fullText: FullTextShape }
  | { readonly kind: 'dropFullText'; readonly table: string }
  | { readonly kind: 'addForeignKey'; readonly table: string; readonly foreignKey: ForeignKeyShape; readonly validate: boolean }
  | { readonly kind: 'addCheck'; readonly table: string; readonly check: CheckShape; readonly validate: boolean }
  | { readonly kind: 'validateConstraint'; readonly table: string; readonly name: string }
  | { readonly kind: 'dropConstraint'; readonly table: string; readonly name: string; readonly ifExists: boolean }
  | { readonly kind: 'sql'; readonly sql: DialectSql }
  /** A statement with values: data, mostly. */
  | { readonly kind: 'query'; readonly query: Sql }

export interface ColumnAlteration {
  readonly kind: 'alterColumn'
  readonly table: string
  readonly column: string
  readonly type?: StoredType
  /** PostgreSQL: how the old values become the new type. */
  readonly using?: string
  readonly nullable?: boolean
  /** Null takes the default away. */
  readonly default?: StoredDefault | null
}

/** Everything but statements with values. */
export type StructuralChange = Exclude<SchemaChange, { readonly kind: 'query' }>
