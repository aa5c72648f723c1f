import { fail } from '../errors.ts'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'

/**
 * The column of `from` that points at `to`: the one that is named, the only one that references its table, or the one that
 * is called as expected.
 * @throws `RELATION_INVALID` saying what was looked for
 */
export function foreignKey(from: ModelDefinition, to: ModelDefinition, expected: string, given: string | undefined, relation: string): ModelColumn {
  if (given !== undefined) return from.column(given)
  if (from.has(expected)) return from.column(expected)
  const references = from.columns.filter(({ facts }) => facts.references?.table === to.table)
  if (references.length === 1) return references[0] as ModelColumn
  throw fail('RELATION_INVALID', {
    relation,
    problem: `${from.name} has neither a column ${expected} nor exactly one that references ${to.table}`,
    fix: `Name it: { foreignKey: '…' }.`,
  })
}

/** `Car` → `car` */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
