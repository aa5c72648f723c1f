import { fail } from '../errors.ts'
import type { BoundRelation, RelationPlan } from '../model/bound-relation.ts'
import { definitionOf, type ModelColumn, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelRecord } from '../model/record-state.ts'
import type { Existence } from '../query/existence.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { foreignKey } from './column-guess.ts'
import { requireComparable } from './comparable-keys.ts'
import { distinctValues, inParts, keep, relatedQuery } from './keep.ts'

export interface BelongsToOptions {
  /** This model's column that points at the other. Default: `dealerId` for a relation `dealer`, or the only one that references its table. */
  readonly foreignKey?: string | undefined
  /** The column it points at. Default: the other model's key. */
  readonly relatedKey?: string | undefined
  /** Whether there may be none: the column is nullable, or what it points at may be deleted softly. Default: false. */
  readonly optional?: boolean | undefined
}

export class BelongsToPlan implements RelationPlan {
  readonly model: () => AnyModel
  readonly options: BelongsToOptions

  constructor(model: () => AnyModel, options: BelongsToOptions) {
    this.model = model
    this.options = options
  }

  bind(owner: ModelDefinition, name: string): BoundRelation {
    const target = definitionOf(this.model())
    const { optional = false, relatedKey } = this.options
    const column = foreignKey(owner, target, `${name}Id`, this.options.foreignKey, `${owner.name}.${name}`)
    if (column.facts.nullable && !optional)
      throw fail('RELATION_INVALID', {
        relation: `${owner.name}.${name}`,
        problem: `its column ${column.name} is nullable, so there may be none`,
        fix: 'Say so: belongsTo(…, { optional: true }).',
      })
    const targetColumn = relatedKey === undefined ? target.key : target.column(relatedKey)
    requireComparable(`${owner.name}.${name}`, column, target, targetColumn)
    return new BoundBelongsTo({ owner, name, target, column, targetColumn, optional })
  }
}

interface BelongsToParts {
  readonly owner: ModelDefinition
  readonly name: string
  readonly target: ModelDefinition
  readonly column: ModelColumn
  readonly targetColumn: ModelColumn
  readonly optional: boolean
}

export class BoundBelongsTo implements BoundRelation {
  readonly name: string
  readonly owner: ModelDefinition
  readonly target: ModelDefinition
  readonly many = false
  readonly ownerColumns: readonly number[]
  readonly parts: BelongsToParts

  constructor(parts: BelongsToParts) {
    this.parts = parts
    this.name = parts.name
    this.owner = parts.owner
    this.target = parts.target
    this.ownerColumns = [parts.column.index]
  }

  async load(records: readonly ModelRecord[], prepare: (query: ModelQuery) => void): Promise<void> {
    const { column, targetColumn, optional } = this.parts
    let narrowed = false
    const found = await inParts(distinctValues(records, column), (keys) => {
      const query = relatedQuery(this.target, records)
      // What must be there is there, whatever was deleted softly since: the type says so.
      if (!optional) query.withDeleted().withoutScopes()
      prepare(query)
      query.selectAlso(targetColumn.index)
      narrowed = query.state.conditions.length > 0 || query.state.limit !== undefined
      return query.isolate().whereIn(targetColumn.name, keys).get()
    })
    const byKey = new Map(found.map((record) => [record[targetColumn.name], record]))
    for (const record of records) {
      const key = record[column.name]
      const value = key === null || key === undefined ? null : (byKey.get(key) ?? null)
      if (value === null && !optional && !narrowed)
        throw fail('RELATION_MISSING', { model: this.owner.name, relation: this.name, target: this.target.name, key: String(key) })
      keep(record, this.name, value)
    }
  }

  existence(): Existence {
    return { target: this.target, column: this.parts.targetColumn.name, ownerColumn: this.parts.column.name }
  }
}
