import { fail } from '../errors.ts'
import type { ModelDefinition } from '../model/definition.ts'
import type { DialectColumn } from '../model/dialect-model.ts'
import type { RelatedColumn } from './query-state.ts'
import type { SqlWriter } from './sql-writer.ts'
import { writeRelatedQuery } from './write-conditions.ts'

/**
 * A column of what relations lead to, each to one record at most.
 *
 * @throws `RELATION_UNKNOWN`, `COLUMN_UNKNOWN`, `RELATION_INVALID` for a relation to many
 */
export function relatedColumn(definition: ModelDefinition, [name, ...rest]: readonly string[], column: string): RelatedColumn {
  const relation = definition.relation(name as string)
  if (relation.many)
    throw fail('RELATION_INVALID', {
      relation: `${definition.name}.${relation.name}`,
      problem: 'it leads to many records, of which none is the one to order by',
      fix: 'Order by a relation to one record.',
    })
  const existence = relation.existence()
  const { target } = existence
  return {
    relation: relation.name,
    existence,
    query: target.query().prepared(),
    value: rest.length === 0 ? target.column(column).index : relatedColumn(target, rest, column),
  }
}

/**
 * The column's value as a subquery, so that it neither adds nor loses a row. Where several records point at one, the least
 * of their values counts: pages would not be steady otherwise.
 */
export function writeRelatedColumn(out: SqlWriter, { relation, existence, query, value }: RelatedColumn, outer: string): void {
  const column = typeof value === 'number' ? existence.target.on(out.dialect).column(value) : undefined
  out.add(`(${relation}.${column?.code ?? ''}`, '(')
  writeRelatedQuery(out, existence, query, outer, (alias) => {
    if (column !== undefined) out.add('', orderedText(out, column, `${alias}.${column.quoted}`))
    else writeRelatedColumn(out, value as RelatedColumn, alias)
  })
  out.add(')', ` order by 1${out.dialect === 'postgres' ? ' nulls first' : ''} limit 1)`)
}

/** SQLite keeps decimals as text, whose order is not that of numbers. */
export function orderedText(out: SqlWriter, { facts }: DialectColumn, text: string): string {
  return out.dialect === 'sqlite' && facts.type === 'decimal' ? `cast(${text} as numeric)` : text
}
