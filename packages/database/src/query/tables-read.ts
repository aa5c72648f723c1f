import { isKnownTable } from '../query-cache/known-tables.ts'
import { Identifier, Sql } from '../sql/sql.ts'
import type { Condition } from './condition.ts'
import type { Existence } from './existence.ts'
import type { QueryState, RelatedColumn } from './query-state.ts'

/** Every table that a query reads: its model's, and those of conditions, counts, sums and orders over relations. */
export function tablesRead(state: QueryState): ReadonlySet<string> {
  const tables = new Set<string>()
  addState(tables, state)
  return tables
}

function addState(tables: Set<string>, { definition, conditions, numbers, orders, through }: QueryState): void {
  tables.add(definition.table)
  if (through !== undefined) tables.add(through.table)
  for (const condition of conditions) addCondition(tables, condition)
  for (const { existence, query } of numbers) addRelated(tables, existence, query)
  for (const { column } of orders) if (typeof column !== 'number') addColumn(tables, column)
}

function addCondition(tables: Set<string>, condition: Condition): void {
  if (condition.kind === 'group') for (const one of condition.conditions) addCondition(tables, one)
  else if (condition.kind === 'exists') addState(tables, condition.query)
  else if (condition.kind === 'related') addRelated(tables, condition.existence, condition.query)
  else if (condition.kind === 'sql') for (const table of namedIn(textOf(condition.sql))) tables.add(table)
}

function addRelated(tables: Set<string>, { target, via }: Existence, query: QueryState): void {
  tables.add(target.table)
  if (via !== undefined) tables.add(via.table)
  addState(tables, query)
}

function addColumn(tables: Set<string>, { existence, query, value }: RelatedColumn): void {
  addRelated(tables, existence, query)
  if (typeof value !== 'number') addColumn(tables, value)
}

/** What the application wrote itself, with names as they stand and values left out. */
function textOf({ strings, values }: Sql): string {
  return strings
    .map((text, index) => {
      const value = values[index]
      if (value instanceof Sql) return text + textOf(value)
      return text + (value instanceof Identifier ? value.parts.map((part) => `"${part}"`).join('.') : ' ')
    })
    .join('')
}

const name = '(?:["`]([^"`]+)["`]|([A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*))'
const reading = new RegExp(`(?:\\bfrom|\\bjoin|,)\\s+${name}(?:\\s*\\.\\s*${name})?`, 'gi')

/** Tables of models that a text names; one too many only clears more than it must. */
function namedIn(text: string): string[] {
  return [...text.matchAll(reading)].map(([, quoted, plain, quotedLast, plainLast]) => quotedLast ?? plainLast ?? quoted ?? plain ?? '').filter(isKnownTable)
}
