import type { Column, ColumnFacts, Columns } from '../columns/column.ts'
import { objectName } from './object-names.ts'
import type { CheckShape, ColumnShape, ForeignKeyShape, IndexShape, ReferenceAction, StoredDefault, StoredType, TableShape } from './table-shape.ts'

/** An index over several columns, or with a name or condition: `['make', 'model']` or `{ columns: ['make'], where: 'sold = false' }`. */
export interface IndexOptions {
  readonly name?: string
  readonly unique?: boolean
  /** Condition of a partial index, as SQL; PostgreSQL and SQLite only. */
  readonly where?: string
  /** Access method. PostgreSQL: `gin`, `gist`, `brin`, `hash`; MySQL: `fulltext`, `spatial`. */
  readonly using?: string
}

export type IndexDefinition = readonly string[] | (IndexOptions & { readonly columns: readonly string[] })

export interface ForeignKeyDefinition {
  readonly columns: readonly string[]
  readonly references: string
  /** Default: `id`. */
  readonly targets?: readonly string[]
  readonly name?: string
  readonly onDelete?: ReferenceAction
  readonly onUpdate?: ReferenceAction
}

export interface TableOptions {
  /** The key, where it is of several columns. Default: the column that says `primary()`. */
  readonly primary?: readonly string[]
  readonly indexes?: readonly IndexDefinition[]
  readonly unique?: readonly IndexDefinition[]
  readonly foreignKeys?: readonly ForeignKeyDefinition[]
  /** Conditions that every row meets, as SQL by name. */
  readonly checks?: Readonly<Record<string, string>>
}

/** The parts that one column brings besides itself. */
export interface DescribedColumn {
  readonly column: ColumnShape
  readonly indexes: readonly IndexShape[]
  readonly foreignKey?: ForeignKeyShape
  readonly check?: CheckShape
}

/**
 * A table's shape from its columns: names for everything that has one, and an index for each foreign key that none
 * leads with, so that deleting the referenced row does not read the whole table.
 */
export function describeTable(name: string, columns: Columns, options: TableOptions = {}): TableShape {
  const described = Object.entries(columns).map(([column, definition]) => describeColumn(name, column, definition))
  const marked = Object.entries(columns).flatMap(([column, { facts }]) => (facts.primary ? [column] : []))
  const primary = options.primary ?? marked
  const foreignKeys = [...described.flatMap((part) => part.foreignKey ?? []), ...(options.foreignKeys ?? []).map((key) => describeForeignKey(name, key))]
  const asked = [
    ...described.flatMap((part) => part.indexes),
    ...(options.unique ?? []).map((index) => describeIndex(name, index, true)),
    ...(options.indexes ?? []).map((index) => describeIndex(name, index)),
  ]
  const indexes = asked.filter((index, at) => asked.findIndex((other) => other.name === index.name) === at)
  const leads = (columnsOf: readonly string[], wanted: readonly string[]) => wanted.every((column, at) => columnsOf[at] === column)
  // The index that a column's foreign key asks for is left out where another one serves.
  const needed = indexes.filter((index) => {
    const implied = foreignKeys.some((key) => index.name === objectName(name, key.columns, 'index')) && !isAsked(columns, options, index)
    return (
      !implied ||
      ![primary, ...indexes.filter((other) => other !== index && !other.where).map((other) => other.columns)].some((found) => leads(found, index.columns))
    )
  })
  return {
    name,
    columns: described.map((part) => part.column),
    primary,
    indexes: needed,
    foreignKeys,
    checks: [
      ...described.flatMap((part) => part.check ?? []),
      ...Object.entries(options.checks ?? {}).map(([check, sql]) => ({ name: check, expression: { sql } })),
    ],
  }
}

/** Whether the table's author asked for this index by name, by option or by `index()`. */
function isAsked(columns: Columns, options: TableOptions, index: IndexShape): boolean {
  const [only, ...more] = index.columns
  if (more.length === 0 && only !== undefined && columns[only]?.facts.index === true) return true
  return (options.indexes ?? []).some((asked) => columnsOf(asked).join() === index.columns.join())
}

const columnsOf = (index: IndexDefinition): readonly string[] => ('columns' in index ? index.columns : index)

export function describeIndex(table: string, index: IndexDefinition, unique = false): IndexShape {
  const options: IndexOptions = 'columns' in index ? index : {}
  const columns = columnsOf(index)
  const isUnique = options.unique ?? unique
  return {
    name: options.name ?? objectName(table, columns, isUnique ? 'unique' : 'index'),
    columns,
    unique: isUnique,
    ...(options.where === undefined ? {} : { where: options.where }),
    ...(options.using === undefined ? {} : { using: options.using }),
  }
}

export function describeForeignKey(table: string, key: ForeignKeyDefinition): ForeignKeyShape {
  return {
    name: key.name ?? objectName(table, key.columns, 'foreign'),
    columns: key.columns,
    table: key.references,
    targets: key.targets ?? ['id'],
    ...(key.onDelete === undefined ? {} : { onDelete: key.onDelete }),
    ...(key.onUpdate === undefined ? {} : { onUpdate: key.onUpdate }),
  }
}

/** One column, with the index, foreign key and check that it brings. */
export function describeColumn(table: string, name: string, { facts }: Column): DescribedColumn {
  const { references, values } = facts
  const stored = storedDefault(facts)
  const column: ColumnShape = {
    name,
    type: storedType(facts),
    nullable: facts.nullable && !facts.primary,
    ...(stored === undefined ? {} : { default: stored }),
  }
  const indexes = [
    ...(facts.unique && !facts.primary ? [describeIndex(table, [name], true)] : []),
    ...((facts.index || references !== undefined) && !facts.unique && !facts.primary ? [describeIndex(table, [name])] : []),
  ]
  return {
    column,
    indexes,
    ...(references === undefined
      ? {}
      : {
          foreignKey: describeForeignKey(table, {
            columns: [name],
            references: references.table,
            targets: [references.column],
            ...(references.onDelete === undefined ? {} : { onDelete: references.onDelete }),
            ...(references.onUpdate === undefined ? {} : { onUpdate: references.onUpdate }),
          }),
        }),
    ...(values === undefined ? {} : { check: { name: objectName(table, [name], 'check'), expression: { column: name, values } } }),
  }
}

/** How a column is stored; where the database counts, that is part of the type. */
export function storedType(facts: ColumnFacts): StoredType {
  if (facts.generated === 'increment') return { kind: 'increment', big: facts.type === 'bigint' }
  switch (facts.type) {
    case 'string':
      return { kind: 'string', length: facts.length ?? 255 }
    case 'decimal':
      return { kind: 'decimal', precision: facts.precision ?? 12, scale: facts.scale ?? 2 }
    case 'enumeration':
      return { kind: 'string', length: Math.max(32, ...(facts.values ?? []).map((value) => value.length)) }
    case 'encrypted':
      return { kind: 'text' }
    default:
      return { kind: facts.type }
  }
}

function storedDefault(facts: ColumnFacts): StoredDefault | undefined {
  return facts.default === undefined ? undefined : { value: facts.default.value }
}
