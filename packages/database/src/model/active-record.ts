import { inspect } from 'node:util'
import type { EagerInput } from '../query/query-builder.ts'
import { ModelQuery } from '../query/model-query.ts'
import { loadInto } from '../relations/load-into.ts'
import { relatedHandle } from '../relations/related-handle.ts'
import { changedColumns, originalValue } from './changed-columns.ts'
import { createMany, createRecord, firstOrCreate, updateOrCreate } from './create.ts'
import { definitionOf, type ModelDefinition } from './definition.ts'
import { clearCached } from './clear-cached.ts'
import { findByKey, findByKeyOrFail } from './find-by-key.ts'
import { modelSchemas } from './model-schemas.ts'
import type { ModelSource } from './model-source.ts'
import type { Observer, ObserveOptions } from './observer.ts'
import { CAST, GONE, RAW, RELATED, SET, type ModelRecord } from './record-state.ts'
import { refuseUnknown } from './record-values.ts'
import { deleteRecord, originalKey, refreshRecord, restoreRecord, saveRecord, type SaveOptions } from './save-record.ts'
import { serialize } from './serialize.ts'
import { upsert, type UpsertOptions } from './upsert.ts'

type Values = Readonly<Record<string, unknown>>

function definitionFor(record: object): ModelDefinition {
  return definitionOf(record.constructor as ModelSource)
}

// Records that queries give are not made by the class's constructor, so they can have no private members.
function recordOf(record: object): ModelRecord {
  return record as ModelRecord
}

function changedOf(value: object): readonly { readonly name: string }[] {
  const record = recordOf(value)
  if (record[RAW] !== undefined) return changedColumns(record)
  return definitionFor(record).columns.filter(({ name }) => record[name] !== undefined)
}

async function step<R extends object>(value: R, column: string, by: unknown, direction: 'increment' | 'decrement'): Promise<R> {
  const definition = definitionFor(value)
  const record = recordOf(value)
  await definition.query().withDeleted().withoutScopes().whereKey(originalKey(definition, record))[direction](column, by)
  await refreshRecord(definition, record)
  return value
}

/** What models do at run time; `Model` gives it its types. */
export class ActiveRecord {
  constructor(input: Values = {}) {
    const record = this as unknown as ModelRecord
    const definition = definitionFor(this)
    record[RAW] = undefined
    record[CAST] = undefined
    record[RELATED] = undefined
    refuseUnknown(definition, input)
    for (const [name, value] of Object.entries(input)) if (value !== undefined) record[name] = value
  }

  // statics: the class is the way to its records

  static query(): ModelQuery {
    return definitionOf(this as unknown as ModelSource).query()
  }

  static find(key: unknown): Promise<ModelRecord | undefined> {
    return findByKey(definitionOf(this as unknown as ModelSource), key)
  }

  static findOrFail(key: unknown): Promise<ModelRecord> {
    return findByKeyOrFail(definitionOf(this as unknown as ModelSource), key)
  }

  static create(input: Values, options?: SaveOptions): Promise<ModelRecord> {
    return createRecord(definitionOf(this as unknown as ModelSource), input, options)
  }

  static createMany(inputs: readonly Values[], options?: SaveOptions): Promise<ModelRecord[]> {
    return createMany(definitionOf(this as unknown as ModelSource), inputs, options)
  }

  static firstOrCreate(match: Values, values?: Values): Promise<ModelRecord> {
    return firstOrCreate(definitionOf(this as unknown as ModelSource), match, values)
  }

  static updateOrCreate(match: Values, values: Values): Promise<ModelRecord> {
    return updateOrCreate(definitionOf(this as unknown as ModelSource), match, values)
  }

  static upsert(inputs: readonly Values[], options: UpsertOptions): Promise<number> {
    return upsert(definitionOf(this as unknown as ModelSource), inputs, options)
  }

  static observe(listeners: Observer['listeners'], options: ObserveOptions = {}): () => void {
    const { observers } = definitionOf(this as unknown as ModelSource)
    const observer: Observer = { listeners, afterCommit: options.afterCommit ?? false }
    observers.push(observer)
    return () => void observers.splice(observers.indexOf(observer), observers.includes(observer) ? 1 : 0)
  }

  /** Clears what is cached of queries of this model; in a transaction once it has committed. */
  static clearCache(): Promise<void> {
    return clearCached(definitionOf(this as unknown as ModelSource))
  }

  static get schema() {
    return modelSchemas(definitionOf(this as unknown as ModelSource))
  }

  // records

  async save(options?: SaveOptions): Promise<this> {
    await saveRecord(definitionFor(this), recordOf(this), options)
    return this
  }

  async update(values: Values, options?: SaveOptions): Promise<this> {
    this.fill(values)
    return this.save(options)
  }

  /** Assigns columns without saving. */
  fill(values: Values): this {
    refuseUnknown(definitionFor(this), values)
    for (const [name, value] of Object.entries(values)) if (value !== undefined) recordOf(this)[name] = value
    return this
  }

  async delete(options?: SaveOptions): Promise<this> {
    await deleteRecord(definitionFor(this), recordOf(this), options)
    return this
  }

  async forceDelete(options: SaveOptions = {}): Promise<this> {
    await deleteRecord(definitionFor(this), recordOf(this), { ...options, force: true })
    return this
  }

  async restore(options?: SaveOptions): Promise<this> {
    await restoreRecord(definitionFor(this), recordOf(this), options)
    return this
  }

  async refresh(): Promise<this> {
    await refreshRecord(definitionFor(this), recordOf(this))
    return this
  }

  increment(column: string, by: unknown = 1): Promise<this> {
    return step(this, column, by, 'increment')
  }

  decrement(column: string, by: unknown = 1): Promise<this> {
    return step(this, column, by, 'decrement')
  }

  async load(...inputs: readonly EagerInput[]): Promise<this> {
    await loadInto([recordOf(this)], inputs, false)
    return this
  }

  async loadMissing(...inputs: readonly EagerInput[]): Promise<this> {
    await loadInto([recordOf(this)], inputs, true)
    return this
  }

  related(name: string): ReturnType<typeof relatedHandle> {
    return relatedHandle(recordOf(this), definitionFor(this).relation(name))
  }

  /** Whether the record is in the database, as far as it knows. */
  get isSaved(): boolean {
    return recordOf(this)[RAW] !== undefined && recordOf(this)[GONE] !== true
  }

  isDirty(...columns: readonly string[]): boolean {
    const changed = changedOf(this)
    return columns.length === 0 ? changed.length > 0 : changed.some(({ name }) => columns.includes(name))
  }

  /** Columns that were changed and not saved, with their new values. */
  changes(): Record<string, unknown> {
    return Object.fromEntries(changedOf(this).map(({ name }) => [name, recordOf(this)[name]]))
  }

  /** What the database had when the record was read or saved. */
  original(column: string): unknown {
    const { index } = definitionFor(this).column(column)
    if (recordOf(this)[RAW] === undefined) return undefined
    return originalValue(recordOf(this), recordOf(this)[SET].shape.model.column(index))
  }

  /** All columns as a plain object, hidden ones included. */
  toObject(): Record<string, unknown> {
    const entries = definitionFor(this).columns.map(({ name }): [string, unknown] => [name, recordOf(this)[name]])
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  }

  toJSON(): Record<string, unknown> {
    return serialize(recordOf(this))
  }

  [inspect.custom](): object {
    return { [definitionFor(this).name]: serialize(recordOf(this)) }
  }
}

/** Statics that begin a query: `Car.where(…)` is `Car.query().where(…)`. */
export const queryStarters = [
  'where',
  'whereNot',
  'whereIf',
  'whereIn',
  'whereNotIn',
  'whereBetween',
  'whereNotBetween',
  'whereNull',
  'whereNotNull',
  'whereColumn',
  'whereLike',
  'whereNotLike',
  'whereContains',
  'whereStartsWith',
  'whereEndsWith',
  'whereExists',
  'whereNotExists',
  'whereSearch',
  'whereSql',
  'search',
  'whereHas',
  'whereDoesntHave',
  'select',
  'distinct',
  'orderBy',
  'latest',
  'oldest',
  'limit',
  'offset',
  'forUpdate',
  'forShare',
  'withDeleted',
  'onlyDeleted',
  'withoutScope',
  'withoutScopes',
  'all',
  'strict',
  'cache',
  'with',
  'withCount',
  'withSum',
  'using',
  'first',
  'firstOrFail',
  'findMany',
  'pluck',
  'count',
  'exists',
  'sum',
  'avg',
  'min',
  'max',
  'groupBy',
  'paginate',
  'paginateByCursor',
  'chunk',
  'stream',
] as const

for (const name of queryStarters) {
  const method = ModelQuery.prototype[name] as (this: ModelQuery, ...args: unknown[]) => unknown
  Object.defineProperty(ActiveRecord, name, {
    configurable: true,
    writable: true,
    value(this: ModelSource, ...args: unknown[]) {
      return method.apply(definitionOf(this).query(), args)
    },
  })
}
