import { fail } from '../errors.ts'
import { hasSqliteFullText, renderCreateFullText, renderDropFullText } from '../full-text/render-full-text.ts'
import { hasMysqlConstraint, renderMysqlAlteration, renderMysqlDropColumn } from './dialects/mysql-alterations.ts'
import { renderPostgresAlteration } from './dialects/postgres-alterations.ts'
import { renderSqliteDropColumn, renderSqliteRebuild } from './dialects/sqlite-rebuild.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import { renderColumn } from './render-column.ts'
import { renderCheckConstraint, renderCreateIndex, renderCreateTable, renderForeignKey, renderReference } from './render-table.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { ReadRows } from './read-rows.ts'
import type { SchemaChange, StructuralChange } from './schema-change.ts'

/** The statements that make one change on this database, in order. */
export async function renderChange(dialect: Dialect, change: StructuralChange, read: ReadRows): Promise<string[]> {
  const name = (text: string) => quoteIdentifier(text, dialect)
  switch (change.kind) {
    case 'createTable': {
      const partial = change.table.indexes.find((index) => index.where !== undefined)
      if (partial !== undefined) refusePartial(dialect, partial.name)
      return renderCreateTable(dialect, change.table, change.ifNotExists)
    }
    case 'dropTable':
      return [
        ...(dialect === 'sqlite' && (await hasSqliteFullText(change.table, read)) ? await renderDropFullText(dialect, change.table, read) : []),
        `drop table ${change.ifExists ? 'if exists ' : ''}${name(change.table)}`,
      ]
    case 'renameTable':
      return [`alter table ${name(change.table)} rename to ${name(change.to)}`]
    case 'addColumn':
      return renderAddColumn(dialect, change)
    case 'dropColumn':
      if (dialect === 'sqlite') return renderSqliteDropColumn(change, read)
      if (dialect === 'mysql') return renderMysqlDropColumn(change, read)
      return [`alter table ${name(change.table)} drop column ${name(change.column)}`]
    case 'renameColumn':
      return [`alter table ${name(change.table)} rename column ${name(change.column)} to ${name(change.to)}`]
    case 'alterColumn':
      if (dialect === 'sqlite') return renderSqliteRebuild(change, read)
      return dialect === 'mysql' ? renderMysqlAlteration(change, read) : renderPostgresAlteration(change)
    case 'createIndex':
      if (change.index.where !== undefined) refusePartial(dialect, change.index.name)
      return [renderCreateIndex(dialect, change.table, change.index, { concurrently: change.concurrently, ifNotExists: false })]
    case 'dropIndex':
      if (dialect === 'mysql') return [`drop index ${name(change.name)} on ${name(change.table)}`]
      return [`drop index ${change.concurrently && dialect === 'postgres' ? 'concurrently ' : ''}${name(change.name)}`]
    case 'createFullText':
      return renderCreateFullText(dialect, change.table, change.fullText)
    case 'dropFullText':
      return renderDropFullText(dialect, change.table, read)
    case 'addForeignKey':
      if (dialect === 'sqlite') return renderSqliteRebuild(change, read)
      return [`alter table ${name(change.table)} add ${renderForeignKey(dialect, change.foreignKey)}${notValid(dialect, change.validate)}`]
    case 'addCheck':
      if (dialect === 'sqlite') return renderSqliteRebuild(change, read)
      return [`alter table ${name(change.table)} add ${renderCheckConstraint(dialect, change.check)}${notValid(dialect, change.validate)}`]
    case 'validateConstraint':
      return dialect === 'postgres' ? [`alter table ${name(change.table)} validate constraint ${name(change.name)}`] : []
    case 'dropConstraint':
      if (dialect === 'sqlite') return renderSqliteRebuild(change, read)
      if (dialect === 'mysql' && change.ifExists && !(await hasMysqlConstraint(change, read))) return []
      return [`alter table ${name(change.table)} drop constraint ${change.ifExists && dialect === 'postgres' ? 'if exists ' : ''}${name(change.name)}`]
    case 'sql': {
      const text = typeof change.sql === 'string' ? change.sql : change.sql[dialect]
      return text === undefined ? [] : [text]
    }
  }
}

const notValid = (dialect: Dialect, validate: boolean) => (validate || dialect !== 'postgres' ? '' : ' not valid')

function renderAddColumn(dialect: Dialect, change: Extract<SchemaChange, { kind: 'addColumn' }>): string[] {
  const { column, foreignKey, check } = change
  if (column.type.kind === 'increment' && dialect !== 'postgres') {
    throw fail('SCHEMA_CHANGE_UNSUPPORTED', {
      dialect,
      change: `adding the counted column ${change.table}.${column.name}`,
      instead: 'create the table with it',
    })
  }
  // Written into the column: SQLite takes a foreign key or check of an added column only there.
  const constraints = [...(foreignKey === undefined ? [] : [foreignKey]), ...(check === undefined ? [] : [check])].map((part) =>
    'expression' in part ? renderCheckConstraint(dialect, part) : renderReference(dialect, part),
  )
  const alter = `alter table ${quoteIdentifier(change.table, dialect)} add column ${renderColumn(dialect, column)}`
  const added =
    dialect === 'mysql'
      ? [
          alter,
          ...(foreignKey === undefined ? [] : [`alter table ${quoteIdentifier(change.table, dialect)} add ${renderForeignKey(dialect, foreignKey)}`]),
          ...(check === undefined ? [] : [`alter table ${quoteIdentifier(change.table, dialect)} add ${renderCheckConstraint(dialect, check)}`]),
        ]
      : [[alter, ...constraints].join(' ')]
  return [...added, ...change.indexes.map((index) => renderCreateIndex(dialect, change.table, index, { concurrently: false, ifNotExists: false }))]
}

function refusePartial(dialect: Dialect, index: string): void {
  if (dialect === 'mysql') {
    throw fail('SCHEMA_CHANGE_UNSUPPORTED', { dialect, change: `the partial index ${index}`, instead: 'index the columns without a condition' })
  }
}
