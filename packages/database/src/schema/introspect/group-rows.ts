import type { ReferenceAction } from '../table-shape.ts'
import type { LiveForeignKey, LiveIndex } from './live-table.ts'

export type Row = Readonly<Record<string, unknown>>

export const text = (row: Row, name: string): string => String(row[name] ?? '')

/** Rows of one index each column, in order, as indexes. */
export function toIndexes(rows: readonly Row[]): LiveIndex[] {
  return [...Map.groupBy(rows, (row) => text(row, 'name'))].map(([name, parts]) => ({
    name,
    columns: parts.map((part) => text(part, 'column')),
    unique: isTrue(parts[0]?.['unique']),
    partial: isTrue(parts[0]?.['partial']),
  }))
}

/** Rows of one foreign key each column, in order, as foreign keys. */
export function toForeignKeys(rows: readonly Row[]): LiveForeignKey[] {
  return [...Map.groupBy(rows, (row) => text(row, 'key'))].map(([, parts]) => {
    const [first = {}] = parts
    const [onDelete, onUpdate] = [action(text(first, 'onDelete')), action(text(first, 'onUpdate'))]
    return {
      name: text(first, 'name'),
      columns: parts.map((part) => text(part, 'column')),
      table: text(first, 'target'),
      targets: parts.map((part) => text(part, 'targetColumn')),
      ...(onDelete === undefined ? {} : { onDelete }),
      ...(onUpdate === undefined ? {} : { onUpdate }),
    }
  })
}

/** Refusing is what databases do anyway, whatever they call it. */
function action(found: string): ReferenceAction | undefined {
  const word = found.toLowerCase()
  return word === 'cascade' || word === 'set null' ? word : undefined
}

export const isTrue = (value: unknown): boolean => value === true || Number(value) === 1
