import { quoteIdentifier } from '../sql/quote-identifier.ts'
import { quoteNames } from './quoting.ts'
import { renderCheck, renderColumn } from './render-column.ts'
import type { Dialect } from '../sql/dialect.ts'
import type { CheckShape, ForeignKeyShape, IndexShape, TableShape } from './table-shape.ts'

// Texts are compared byte by byte, as the other databases do.
const mysqlTable = ' engine=InnoDB default character set utf8mb4 collate utf8mb4_bin'

/** `create table` and the indexes that follow it. */
export function renderCreateTable(dialect: Dialect, table: TableShape, ifNotExists: boolean): string[] {
  const counted = table.columns.find((column) => column.type.kind === 'increment')
  const keyed = dialect === 'sqlite' && counted !== undefined && table.primary.length === 1 && table.primary[0] === counted.name
  const lines = [
    ...table.columns.map((column) => renderColumn(dialect, column)),
    ...(table.primary.length === 0 || keyed ? [] : [`primary key (${quoteNames(dialect, table.primary)})`]),
    ...table.foreignKeys.map((key) => renderForeignKey(dialect, key)),
    ...table.checks.map((check) => renderCheckConstraint(dialect, check)),
  ]
  const body = lines.map((line) => `  ${line}`).join(',\n')
  const create = `create table ${ifNotExists ? 'if not exists ' : ''}${quoteIdentifier(table.name, dialect)} (\n${body}\n)`
  return [
    dialect === 'mysql' ? create + mysqlTable : create,
    ...table.indexes.map((index) => renderCreateIndex(dialect, table.name, index, { concurrently: false, ifNotExists })),
  ]
}

export function renderForeignKey(dialect: Dialect, key: ForeignKeyShape): string {
  return `constraint ${quoteIdentifier(key.name, dialect)} foreign key (${quoteNames(dialect, key.columns)}) ${renderTarget(dialect, key)}`
}

/** The foreign key as part of its only column. */
export function renderReference(dialect: Dialect, key: ForeignKeyShape): string {
  return `constraint ${quoteIdentifier(key.name, dialect)} ${renderTarget(dialect, key)}`
}

function renderTarget(dialect: Dialect, key: ForeignKeyShape): string {
  const onDelete = key.onDelete === undefined ? '' : ` on delete ${key.onDelete}`
  const onUpdate = key.onUpdate === undefined ? '' : ` on update ${key.onUpdate}`
  return `references ${quoteIdentifier(key.table, dialect)} (${quoteNames(dialect, key.targets)})${onDelete}${onUpdate}`
}

export function renderCheckConstraint(dialect: Dialect, check: CheckShape): string {
  return `constraint ${quoteIdentifier(check.name, dialect)} check (${renderCheck(dialect, check.expression)})`
}

export function renderCreateIndex(
  dialect: Dialect,
  table: string,
  index: IndexShape,
  how: { readonly concurrently: boolean; readonly ifNotExists: boolean },
): string {
  const special = dialect === 'mysql' && index.using !== undefined && /^(fulltext|spatial)$/i.test(index.using) ? `${index.using} ` : ''
  const method = dialect === 'postgres' && index.using !== undefined ? ` using ${index.using}` : ''
  const words = [
    'create',
    ...(index.unique ? ['unique'] : []),
    `${special}index`,
    ...(how.concurrently && dialect === 'postgres' ? ['concurrently'] : []),
    // MySQL has no such clause; its tables bring their indexes in one go and are skipped as a whole.
    ...(how.ifNotExists && dialect !== 'mysql' ? ['if not exists'] : []),
    quoteIdentifier(index.name, dialect),
    'on',
    `${quoteIdentifier(table, dialect)}${method}`,
    `(${quoteNames(dialect, index.columns)})`,
    ...(index.where === undefined ? [] : [`where ${index.where}`]),
  ]
  return words.join(' ')
}
