import { fail } from '../errors.ts'
import type { BoundRelation } from '../model/bound-relation.ts'
import type { ModelDefinition } from '../model/definition.ts'
import { BoundBelongsTo } from '../relations/belongs-to.ts'
import { BoundHas } from '../relations/has-many.ts'
import { BoundMorphTo } from '../relations/morph-to.ts'
import type { FactoryPlan, Values } from './factory-plan.ts'

/**
 * The relation that leads from a model to another: the one that is named, or the only one that fits.
 * @throws `FACTORY_RELATION_UNCLEAR`
 */
export function relationTo(owner: ModelDefinition, target: ModelDefinition, named: string | undefined, kind: 'parent' | 'children'): BoundRelation {
  const all = (named === undefined ? owner.relationNames : [named]).map((name) => owner.relation(name))
  const fitting = all.filter((relation) => isKind(relation, kind) && (relation.target === target || (relation.target === undefined && named !== undefined)))
  const [only, ...more] = fitting
  if (only === undefined || more.length > 0) {
    throw fail('FACTORY_RELATION_UNCLEAR', {
      owner: owner.name,
      target: target.name,
      method: kind === 'parent' ? 'for' : 'has',
      found: fitting.map(({ name }) => name),
    })
  }
  return only
}

function isKind(relation: BoundRelation, kind: 'parent' | 'children'): boolean {
  const pointsAway = relation instanceof BoundBelongsTo || relation instanceof BoundMorphTo
  return kind === 'parent' ? pointsAway : !pointsAway
}

/** The columns by which a record points at its parent. */
export function pointAt(relation: BoundRelation, parent: Values, target: ModelDefinition): Values {
  if (relation instanceof BoundBelongsTo) return { [relation.parts.column.name]: parent[relation.parts.targetColumn.name] }
  if (relation instanceof BoundMorphTo) return { [relation.type.name]: target.table, [relation.id.name]: parent[target.key.name] }
  return {}
}

/** The plan of children that point at their owner; undefined where a table between links them. */
export function pointingAt(relation: BoundRelation, owner: Values, children: FactoryPlan): FactoryPlan | undefined {
  if (!(relation instanceof BoundHas)) return undefined
  const { column, ownColumn, type } = relation.parts
  const values = { [column.name]: owner[ownColumn.name], ...(type === undefined ? {} : { [type.name]: relation.owner.table }) }
  return { ...children, changes: [...children.changes, { turns: [values] }] }
}
