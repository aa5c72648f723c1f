import type { ColumnFacts } from '../columns/column.ts'
import { fail } from '../errors.ts'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'

/**
 * Refuses a relation whose two columns have values that are never equal, as numbers and texts are; PostgreSQL does not even
 * compare them.
 * @throws `RELATION_INVALID`
 */
export function requireComparable(relation: string, column: ModelColumn, target: ModelDefinition, targetColumn: ModelColumn): void {
  if (kindOf(column.facts) === kindOf(targetColumn.facts)) return
  throw fail('RELATION_INVALID', {
    relation,
    problem: `its columns ${column.name} (${kindOf(column.facts)}) and ${target.name}.${targetColumn.name} (${kindOf(targetColumn.facts)}) are of types that are not compared`,
    fix: 'Give both the same type.',
  })
}

function kindOf({ type, as }: ColumnFacts): string {
  if (type === 'bigint') return as === 'number' ? 'integer' : 'bigint'
  return type === 'text' || type === 'enumeration' ? 'string' : type
}
