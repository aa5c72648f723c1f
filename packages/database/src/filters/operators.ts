import type { ColumnType } from '../columns/column.ts'

/** How a filter compares; the names that stand in a query: `filter[price][lte]=9000`. */
export const filterOperators = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'between', 'null', 'contains', 'starts', 'ends'] as const
export type FilterOperator = (typeof filterOperators)[number]

const equality = ['eq', 'ne', 'in', 'nin', 'null'] as const
const order = [...equality, 'gt', 'gte', 'lt', 'lte', 'between'] as const
const words = [...equality, 'contains', 'starts', 'ends'] as const

/** What makes sense for each kind of column; bytes, JSON and encrypted text cannot be filtered. */
const byType: Readonly<Record<ColumnType, readonly FilterOperator[]>> = {
  uuid: equality,
  string: words,
  text: words,
  integer: order,
  bigint: order,
  decimal: order,
  float: order,
  boolean: ['eq', 'ne', 'null'],
  date: order,
  timestamp: order,
  enumeration: equality,
  json: [],
  binary: [],
  encrypted: [],
}

export function operatorsOf(type: ColumnType, nullable: boolean): readonly FilterOperator[] {
  return nullable ? byType[type] : byType[type].filter((operator) => operator !== 'null')
}
