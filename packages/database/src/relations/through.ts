import { castOf } from '../columns/cast.ts'
import type { Columns } from '../columns/column.ts'
import { fail } from '../errors.ts'
import type { BoundRelation, RelationPlan } from '../model/bound-relation.ts'
import { definitionOf, type ModelColumn, type ModelDefinition } from '../model/definition.ts'
import type { AnyModel } from '../model/model-source.ts'
import { currentSeal } from '../model/surroundings.ts'
import { RAW, SET, type ModelRecord } from '../model/record-state.ts'
import { addKnownTable } from '../query-cache/known-tables.ts'
import type { Existence } from '../query/existence.ts'
import type { ModelQuery } from '../query/model-query.ts'
import type { Through } from '../query/query-state.ts'
import { foreignKey, lowerFirst } from './column-guess.ts'
import { requireComparable } from './comparable-keys.ts'
import { addToGroup, inParts, keep, relatedQuery } from './keep.ts'

export interface ManyToManyOptions<Pivot extends Columns = Columns> {
  /** The table between the two. */
  readonly table: string
  /** Its column that points at this model. Default: `carId` for `Car`. */
  readonly foreignKey?: string | undefined
  /** Its column that points at the other model. Default: `tagId` for `Tag`. */
  readonly relatedKey?: string | undefined
  /** More columns of the table, which records of the relation bring in `pivot`. */
  readonly columns?: Pivot | undefined
}

export interface ThroughOptions {
  /** The model between the two. */
  readonly through: () => AnyModel
  /** Its column that points at this model. */
  readonly foreignKey?: string | undefined
  /** The other model's column that points at the model between. */
  readonly throughKey?: string | undefined
}

/** What a relation over a table between needs to know of it. */
export interface ThroughParts {
  readonly name: string
  readonly owner: ModelDefinition
  readonly target: ModelDefinition
  readonly many: boolean
  readonly table: string
  /** Of the table between: what links it with the target, and the target's column on the other side of the link. */
  readonly column: string
  readonly targetColumn: ModelColumn
  /** Of the table between: what points at the owner's key. */
  readonly ownerColumn: string
  readonly pivot: Columns
  readonly type: { readonly column: string; readonly value: string } | undefined
  readonly deletedAt: string | undefined
  /** Whether links can be attached and detached. */
  readonly linked: boolean
}

/** `belongsToMany`, and the polymorphic `morphToMany` (`side: 'own'`) and `morphedByMany` (`side: 'related'`). */
export class ManyToManyPlan implements RelationPlan {
  readonly model: () => AnyModel
  readonly options: ManyToManyOptions
  readonly morph: { readonly name: string; readonly side: 'own' | 'related' } | undefined

  constructor(model: () => AnyModel, options: ManyToManyOptions, morph?: { readonly name: string; readonly side: 'own' | 'related' }) {
    this.model = model
    this.options = options
    this.morph = morph
    addKnownTable(options.table, options.columns)
  }

  bind(owner: ModelDefinition, name: string): BoundRelation {
    const target = definitionOf(this.model())
    const { table, foreignKey: own, relatedKey, columns = {} } = this.options
    const { morph } = this
    const ownerColumn = own ?? (morph?.side === 'own' ? `${morph.name}Id` : `${lowerFirst(owner.name)}Id`)
    const column = relatedKey ?? (morph?.side === 'related' ? `${morph.name}Id` : `${lowerFirst(target.name)}Id`)
    if (ownerColumn === column && (own === undefined || relatedKey === undefined))
      throw fail('RELATION_INVALID', {
        relation: `${owner.name}.${name}`,
        problem: `${column} of ${table} cannot point at both sides`,
        fix: `Name the other column: { relatedKey: '…' }.`,
      })
    return new BoundThrough({
      name,
      owner,
      target,
      many: true,
      table,
      column,
      targetColumn: target.key,
      ownerColumn,
      pivot: columns,
      type: morph === undefined ? undefined : { column: `${morph.name}Type`, value: morph.side === 'own' ? owner.table : target.table },
      deletedAt: undefined,
      linked: true,
    })
  }
}

/** `hasManyThrough` and `hasOneThrough`. */
export class HasThroughPlan implements RelationPlan {
  readonly model: () => AnyModel
  readonly many: boolean
  readonly options: ThroughOptions

  constructor(model: () => AnyModel, many: boolean, options: ThroughOptions) {
    this.model = model
    this.many = many
    this.options = options
  }

  bind(owner: ModelDefinition, name: string): BoundRelation {
    const target = definitionOf(this.model())
    const between = definitionOf(this.options.through())
    const label = `${owner.name}.${name}`
    const targetColumn = foreignKey(target, between, `${lowerFirst(between.name)}Id`, this.options.throughKey, label)
    const ownerColumn = foreignKey(between, owner, `${lowerFirst(owner.name)}Id`, this.options.foreignKey, label)
    requireComparable(label, between.key, target, targetColumn)
    requireComparable(label, owner.key, between, ownerColumn)
    return new BoundThrough({
      name,
      owner,
      target,
      many: this.many,
      table: between.table,
      column: between.key.name,
      targetColumn,
      ownerColumn: ownerColumn.name,
      pivot: {},
      type: undefined,
      deletedAt: between.deletedAt?.name,
      linked: false,
    })
  }
}

export class BoundThrough implements BoundRelation {
  readonly name: string
  readonly owner: ModelDefinition
  readonly target: ModelDefinition
  readonly many: boolean
  readonly ownerColumns: readonly number[]
  readonly parts: ThroughParts

  constructor(parts: ThroughParts) {
    this.parts = parts
    this.name = parts.name
    this.owner = parts.owner
    this.target = parts.target
    this.many = parts.many
    this.ownerColumns = [parts.owner.key.index]
  }

  async load(records: readonly ModelRecord[], prepare: (query: ModelQuery) => void): Promise<void> {
    const keyOf = (record: ModelRecord) => record[RAW]?.[record[SET].shape.positions[this.owner.key.index] as number]
    const found = await inParts([...new Set(records.map(keyOf))], (keys) => {
      const query = relatedQuery(this.target, records)
      prepare(query)
      if (query.state.limit !== undefined || query.state.offset !== undefined) query.state.limitPer = 'owner'
      query.state.through = this.through(keys)
      return query.get()
    })
    const groups = new Map<unknown, ModelRecord[]>()
    for (const record of found) {
      this.keepPivot(record)
      addToGroup(groups, String(record[RAW]?.[record[SET].ownerPosition]), record)
    }
    for (const record of records) {
      const group = groups.get(String(keyOf(record))) ?? []
      keep(record, this.name, this.many ? group : (group[0] ?? null))
    }
  }

  existence(): Existence {
    const { table, column, targetColumn, ownerColumn, type, deletedAt, owner, target } = this.parts
    return {
      target,
      via: { table, column, targetColumn: targetColumn.name, deletedAt },
      column: ownerColumn,
      ownerColumn: owner.key.name,
      type: type === undefined ? undefined : { ...type, on: 'via' },
    }
  }

  through(ownerKeys: readonly unknown[]): Through {
    const { table, column, targetColumn, ownerColumn, pivot, type, deletedAt } = this.parts
    const hidden = Object.values(pivot).some(({ facts }) => facts.hidden)
    return { table, column, targetColumn: targetColumn.name, ownerColumn, ownerKeys, extra: Object.keys(pivot), hidden, type, deletedAt }
  }

  /** Puts the columns of the table between on a record that came over it; hidden ones stay out of JSON and spreads. */
  keepPivot(record: ModelRecord): void {
    const names = Object.entries(this.parts.pivot)
    if (names.length === 0) return
    const { ownerPosition, shape } = record[SET]
    const pivot = {}
    names.forEach(([name, { facts }], index) => {
      const raw = record[RAW]?.[ownerPosition + 1 + index]
      const { decode } = castOf(name, facts, shape.model.dialect, currentSeal)
      Object.defineProperty(pivot, name, { value: decode === undefined ? raw : decode(raw), enumerable: !facts.hidden, writable: true, configurable: true })
    })
    record['pivot'] = pivot
  }
}
