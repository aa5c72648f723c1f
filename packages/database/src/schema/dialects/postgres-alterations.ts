import { quoteIdentifier } from '../../sql/quote-identifier.ts'
import { renderDefault, renderType } from '../render-column.ts'
import type { ColumnAlteration } from '../schema-change.ts'

/** One `alter table` with a clause for each thing that changes. */
export function renderPostgresAlteration(change: ColumnAlteration): string[] {
  const column = `alter column ${quoteIdentifier(change.column, 'postgres')}`
  const clauses: string[] = []
  // A default that does not fit the new type would stop the change, so it goes first and comes back last.
  if (change.default === null || (change.type !== undefined && change.default !== undefined)) clauses.push(`${column} drop default`)
  if (change.type !== undefined) {
    clauses.push(`${column} type ${renderType('postgres', change.type)}${change.using === undefined ? '' : ` using ${change.using}`}`)
  }
  if (change.nullable !== undefined) clauses.push(`${column} ${change.nullable ? 'drop' : 'set'} not null`)
  if (change.default !== undefined && change.default !== null) {
    clauses.push(`${column} set default ${renderDefault('postgres', change.type ?? { kind: 'text' }, change.default)}`)
  }
  return clauses.length === 0 ? [] : [`alter table ${quoteIdentifier(change.table, 'postgres')} ${clauses.join(', ')}`]
}
