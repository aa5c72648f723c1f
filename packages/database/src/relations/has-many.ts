import type { BoundRelation, RelationPlan } from '../model/bound-relation.ts'
import { definitionOf, type ModelColumn, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import type { ModelRecord } from '../model/record-state.ts'
import type { Existence } from '../query/existence.ts'
import type { ModelQuery } from '../query/model-query.ts'
import { foreignKey, lowerFirst } from './column-guess.ts'
import { requireComparable } from './comparable-keys.ts'
import { addToGroup, distinctValues, inParts, keep, relatedQuery } from './keep.ts'

export interface HasOptions {
  /** The related model's column that points at this one. Default: `carId` for `Car`, or the only one that references its table. */
  readonly foreignKey?: string | undefined
  /** The column it points at. Default: this model's key. */
  readonly ownKey?: string | undefined
}

/** Records of another model that point at this one: `hasMany`, `hasOne`, `morphMany`, `morphOne`. */
export class HasPlan implements RelationPlan {
  readonly model: () => AnyModel
  readonly many: boolean
  readonly options: HasOptions
  /** The name of a polymorphic pair of columns, `imageable` for `imageableType` and `imageableId`. */
  readonly morph: string | undefined

  constructor(model: () => AnyModel, many: boolean, options: HasOptions, morph?: string) {
    this.model = model
    this.many = many
    this.options = options
    this.morph = morph
  }

  bind(owner: ModelDefinition, name: string): BoundRelation {
    const target = definitionOf(this.model())
    const label = `${owner.name}.${name}`
    const expected = this.morph === undefined ? `${lowerFirst(owner.name)}Id` : `${this.morph}Id`
    const type = this.morph === undefined ? undefined : target.column(`${this.morph}Type`)
    const column = foreignKey(target, owner, expected, this.options.foreignKey, label)
    const ownColumn = this.options.ownKey === undefined ? owner.key : owner.column(this.options.ownKey)
    requireComparable(label, ownColumn, target, column)
    return new BoundHas({ name, owner, target, many: this.many, column, ownColumn, type })
  }
}

interface HasParts {
  readonly name: string
  readonly owner: ModelDefinition
  readonly target: ModelDefinition
  readonly many: boolean
  readonly column: ModelColumn
  readonly ownColumn: ModelColumn
  readonly type: ModelColumn | undefined
}

export class BoundHas implements BoundRelation {
  readonly name: string
  readonly owner: ModelDefinition
  readonly target: ModelDefinition
  readonly many: boolean
  readonly ownerColumns: readonly number[]
  readonly parts: HasParts

  constructor(parts: HasParts) {
    this.parts = parts
    this.name = parts.name
    this.owner = parts.owner
    this.target = parts.target
    this.many = parts.many
    this.ownerColumns = [parts.ownColumn.index]
  }

  async load(records: readonly ModelRecord[], prepare: (query: ModelQuery) => void): Promise<void> {
    const { column, ownColumn } = this.parts
    const found = await inParts(distinctValues(records, ownColumn), (keys) => {
      const query = relatedQuery(this.target, records)
      prepare(query)
      query.selectAlso(column.index)
      if (query.state.limit !== undefined || query.state.offset !== undefined) query.state.limitPer = column.index
      query.isolate().whereIn(column.name, keys)
      this.addType(query)
      return query.get()
    })
    if (this.many) this.#keepMany(records, found)
    else this.#keepOne(records, found)
  }

  existence(): Existence {
    const { column, ownColumn, type } = this.parts
    return {
      target: this.target,
      column: column.name,
      ownerColumn: ownColumn.name,
      type: type === undefined ? undefined : { column: type.name, value: this.owner.table, on: 'target' },
    }
  }

  addType(query: ModelQuery): void {
    const { type } = this.parts
    if (type !== undefined) query.where(type.name, this.owner.table)
  }

  #keepMany(records: readonly ModelRecord[], found: readonly ModelRecord[]): void {
    const { column, ownColumn } = this.parts
    const groups = new Map<unknown, ModelRecord[]>()
    for (const record of found) addToGroup(groups, record[column.name], record)
    for (const record of records) keep(record, this.name, groups.get(record[ownColumn.name]) ?? [])
  }

  #keepOne(records: readonly ModelRecord[], found: readonly ModelRecord[]): void {
    const { column, ownColumn } = this.parts
    const first = new Map<unknown, ModelRecord>()
    for (const record of found) if (!first.has(record[column.name])) first.set(record[column.name], record)
    for (const record of records) keep(record, this.name, first.get(record[ownColumn.name]) ?? null)
  }
}
