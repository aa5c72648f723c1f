import { fail } from '../errors.ts'
import type { BoundRelation, RelationPlan } from '../model/bound-relation.ts'
import { definitionOf, type ModelColumn, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelRecord } from '../model/record-state.ts'
import type { Existence } from '../query/existence.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { requireComparable } from './comparable-keys.ts'
import { distinctValues, inParts, keep, relatedQuery } from './keep.ts'

/** A record of one of several models, named by a pair of columns: its table and its key. */
export class MorphToPlan implements RelationPlan {
  readonly models: () => readonly AnyModel[]
  readonly columns: string | undefined

  constructor(models: () => readonly AnyModel[], columns: string | undefined) {
    this.models = models
    this.columns = columns
  }

  bind(owner: ModelDefinition, name: string): BoundRelation {
    const pair = this.columns ?? name
    const type = owner.column(`${pair}Type`)
    const id = owner.column(`${pair}Id`)
    const targets = this.models().map(definitionOf)
    for (const target of targets) requireComparable(`${owner.name}.${name}`, id, target, target.key)
    return new BoundMorphTo(owner, name, type, id, new Map(targets.map((target) => [target.table, target])))
  }
}

export class BoundMorphTo implements BoundRelation {
  readonly name: string
  readonly owner: ModelDefinition
  readonly target = undefined
  readonly many = false
  readonly ownerColumns: readonly number[]
  readonly type: ModelColumn
  readonly id: ModelColumn
  readonly #targets: ReadonlyMap<string, ModelDefinition>

  constructor(owner: ModelDefinition, name: string, type: ModelColumn, id: ModelColumn, targets: ReadonlyMap<string, ModelDefinition>) {
    this.owner = owner
    this.name = name
    this.type = type
    this.id = id
    this.#targets = targets
    this.ownerColumns = [type.index, id.index]
  }

  async load(records: readonly ModelRecord[], prepare: (query: ModelQuery) => void): Promise<void> {
    const subjects = new Map<ModelRecord, ModelRecord>()
    const byType = Map.groupBy(records, (record) => record[this.type.name])
    for (const [table, group] of byType) {
      if (table === null || table === undefined) continue
      const target = this.#targets.get(table as string)
      if (target === undefined)
        throw fail('RELATION_INVALID', {
          relation: `${this.owner.name}.${this.name}`,
          problem: `a record points at the table ${String(table)}, which is none of ${[...this.#targets.keys()].join(', ')}`,
          fix: 'Add its model to morphTo(() => […]).',
        })
      const found = await inParts(distinctValues(group, this.id), (keys) => {
        const query = relatedQuery(target, records)
        prepare(query)
        query.selectAlso(target.key.index)
        return query.isolate().whereIn(target.key.name, keys).get()
      })
      const byKey = new Map(found.map((record) => [String(record[target.key.name]), record]))
      for (const record of group) {
        const subject = byKey.get(String(record[this.id.name]))
        if (subject !== undefined) subjects.set(record, subject)
      }
    }
    // All at once: who awaits it meanwhile waits for what is kept.
    for (const record of records) keep(record, this.name, subjects.get(record) ?? null)
  }

  existence(): Existence {
    throw fail('RELATION_INVALID', {
      relation: `${this.owner.name}.${this.name}`,
      problem: 'it leads to several models, so it can neither be counted nor asked for in a condition',
      fix: 'Ask for its columns instead.',
    })
  }
}
