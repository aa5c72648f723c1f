import type { Column, Columns } from '../columns/column.ts'
import { fail } from '../errors.ts'
import { describeFullText } from '../full-text/describe-full-text.ts'
import type { FullTextOptions } from '../full-text/full-text-options.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { Sql } from '../sql/sql.ts'
import {
  describeColumn,
  describeForeignKey,
  describeIndex,
  describeTable,
  storedType,
  type ForeignKeyDefinition,
  type IndexOptions,
  type TableOptions,
} from './describe-table.ts'
import { objectName } from './object-names.ts'
import type { DialectSql, SchemaChange } from './schema-change.ts'

/** What `alterColumn` changes; what is left out stays as it is. */
export interface ColumnChange {
  /** The new type, by a column that says nothing else: `{ type: bigint() }`. */
  readonly type?: Column
  /** PostgreSQL: how old values become the new type, as SQL. */
  readonly using?: string
  readonly nullable?: boolean
  /** The new default; null takes it away. */
  readonly default?: unknown
}

/**
 * Changes tables, on SQLite, PostgreSQL and MySQL alike. A migration is given one; each call runs at once, in the
 * migration's transaction. What a database cannot do fails, and is never left out.
 */
export interface Schema {
  readonly dialect: Dialect
  createTable(name: string, columns: Columns, options?: TableOptions & { readonly ifNotExists?: boolean }): Promise<void>
  dropTable(name: string, options?: { readonly ifExists?: boolean }): Promise<void>
  renameTable(name: string, to: string): Promise<void>
  addColumn(table: string, name: string, column: Column): Promise<void>
  /** Indexes, keys and checks that use the column go with it. */
  dropColumn(table: string, name: string): Promise<void>
  renameColumn(table: string, name: string, to: string): Promise<void>
  /** On SQLite the table is written anew. */
  alterColumn(table: string, name: string, change: ColumnChange): Promise<void>
  /** `concurrently`: without locking writers out; PostgreSQL only, and only in a migration with `transaction: false`. */
  createIndex(table: string, columns: readonly string[], options?: IndexOptions & { readonly concurrently?: boolean }): Promise<void>
  /** By its columns, where it has the name that it was given by default, or by name. */
  dropIndex(table: string, index: readonly string[] | string, options?: { readonly unique?: boolean; readonly concurrently?: boolean }): Promise<void>
  /** Makes the rows searchable by words, those that are there and those that come; `key` is the table's key, default `id`. */
  createFullText(table: string, options: FullTextOptions & { readonly key?: string }): Promise<void>
  dropFullText(table: string): Promise<void>
  /** `validate: false`: rows that are there are not looked at until `validateConstraint`; PostgreSQL, elsewhere they are. */
  addForeignKey(table: string, key: ForeignKeyDefinition & { readonly validate?: boolean }): Promise<void>
  /** A condition that every row meets, as SQL. `validate` as with foreign keys. */
  addCheck(table: string, name: string, condition: string, options?: { readonly validate?: boolean }): Promise<void>
  /** Looks at the rows that were there before the constraint. PostgreSQL; nothing to do elsewhere. */
  validateConstraint(table: string, name: string): Promise<void>
  /** A foreign key or check, by name. */
  dropConstraint(table: string, name: string): Promise<void>
  /** SQL as it stands, one statement or several; for all databases or for each. */
  sql(text: DialectSql): Promise<void>
  /** A statement with values, for data. */
  run(query: Sql): Promise<void>
  /** Rows; none while the migration is only looked at (lint, dry run). */
  all<Row = Record<string, unknown>>(query: Sql): Promise<Row[]>
  hasTable(name: string): Promise<boolean>
  hasColumn(table: string, name: string): Promise<boolean>
}

/** Where the calls of a schema go: to a database, or into a list. */
export interface SchemaTarget {
  readonly dialect: Dialect
  apply(change: SchemaChange): Promise<void>
  all(query: Sql): Promise<Record<string, unknown>[]>
  columnsOf(table: string): Promise<readonly string[]>
}

/** The schema builder over a target. */
export function createSchema(target: SchemaTarget): Schema {
  const { apply } = target
  return {
    dialect: target.dialect,
    createTable: (name, columns, { ifNotExists = false, ...options } = {}) =>
      apply({ kind: 'createTable', table: describeTable(name, columns, options), ifNotExists }),
    dropTable: (table, { ifExists = false } = {}) => apply({ kind: 'dropTable', table, ifExists }),
    renameTable: (table, to) => apply({ kind: 'renameTable', table, to }),
    addColumn: (table, name, column) => apply({ kind: 'addColumn', table, ...describeColumn(table, name, column) }),
    dropColumn: (table, column) => apply({ kind: 'dropColumn', table, column }),
    renameColumn: (table, column, to) => apply({ kind: 'renameColumn', table, column, to }),
    alterColumn: (table, column, change) => alterColumn(target, table, column, change),
    createIndex: (table, columns, { concurrently = false, ...options } = {}) =>
      apply({ kind: 'createIndex', table, index: describeIndex(table, { columns, ...options }), concurrently }),
    dropIndex: (table, index, { unique = false, concurrently = false } = {}) =>
      apply({ kind: 'dropIndex', table, name: typeof index === 'string' ? index : objectName(table, index, unique ? 'unique' : 'index'), concurrently }),
    createFullText: (table, { key, ...options }) => apply({ kind: 'createFullText', table, fullText: describeFullText(table, options, key) }),
    dropFullText: (table) => apply({ kind: 'dropFullText', table }),
    addForeignKey: (table, { validate = true, ...key }) => apply({ kind: 'addForeignKey', table, foreignKey: describeForeignKey(table, key), validate }),
    addCheck: (table, name, condition, { validate = true } = {}) =>
      apply({ kind: 'addCheck', table, check: { name, expression: { sql: condition } }, validate }),
    validateConstraint: (table, name) => apply({ kind: 'validateConstraint', table, name }),
    dropConstraint: (table, name) => apply({ kind: 'dropConstraint', table, name, ifExists: false }),
    sql: (text) => apply({ kind: 'sql', sql: text }),
    run: (query) => apply({ kind: 'query', query }),
    all: <Row>(query: Sql) => target.all(query) as Promise<Row[]>,
    hasTable: async (name) => (await target.columnsOf(name)).length > 0,
    hasColumn: async (table, name) => (await target.columnsOf(table)).includes(name),
  }
}

async function alterColumn(target: SchemaTarget, table: string, column: string, change: ColumnChange): Promise<void> {
  const { type, using, nullable } = change
  if (type !== undefined) refuseMore(table, column, type)
  const values = type?.facts.values
  const check = objectName(table, [column], 'check')
  // The check of an enumeration knows the old values, so it is made anew.
  if (type !== undefined) await target.apply({ kind: 'dropConstraint', table, name: check, ifExists: true })
  await target.apply({
    kind: 'alterColumn',
    table,
    column,
    ...(type === undefined ? {} : { type: storedType(type.facts) }),
    ...(using === undefined ? {} : { using }),
    ...(nullable === undefined ? {} : { nullable }),
    ...(change.default === undefined ? {} : { default: change.default === null ? null : { value: change.default } }),
  })
  if (values !== undefined) await target.apply({ kind: 'addCheck', table, check: { name: check, expression: { column, values } }, validate: true })
}

/** What the type of an alteration says besides its type would be lost. */
function refuseMore(table: string, column: string, { facts }: Column): void {
  const said = [
    ...(facts.primary ? ['primary()'] : []),
    ...(facts.nullable ? ['nullable()'] : []),
    ...(facts.default === undefined ? [] : ['default()']),
    ...(facts.unique ? ['unique()'] : []),
    ...(facts.index ? ['index()'] : []),
    ...(facts.references === undefined ? [] : ['references()']),
  ]
  if (said.length > 0) throw fail('SCHEMA_ALTERATION_UNCLEAR', { column: `${table}.${column}`, said })
}
