import type { Attributes, CreateInput, KeyOf, UpdateInput } from '../columns/attributes.ts'
import type { Columns } from '../columns/column.ts'
import { fail } from '../errors.ts'
import type { FullTextOptions } from '../full-text/full-text-options.ts'
import { addKnownTable } from '../query-cache/known-tables.ts'
import { ModelQuery } from '../query/model-query.ts'
import type { Conditions } from '../query/query.ts'
import '../relations/lazy-relation.ts'
import { ActiveRecord } from './active-record.ts'
import { defineDeferredColumn } from './deferred-column.ts'
import type { ModelStatics, StaticScopes } from './model-statics.ts'
import type { SaveOptions } from './save-record.ts'

type ScopeArguments = Record<string, readonly unknown[]>

export interface ModelOptions<C extends Columns, S extends ScopeArguments> {
  /** Name of the connection. Default: the default one. */
  readonly connection?: string
  /** Named parts of queries: `{ cheap: (query, below: number) => query.where('price', '<', below) }`, called as `Car.cheap(9_000)`. */
  readonly scopes?: { readonly [K in keyof S]: (query: Conditions<C>, ...args: S[K]) => unknown }
  /** Conditions of every query, until `withoutScope` names them. */
  readonly globalScopes?: Readonly<Record<string, (query: Conditions<C>) => unknown>>
  /** Relations that are touched have to be loaded before. Default: false, they are loaded then. */
  readonly strict?: boolean
  /** What can be searched by words: `fullText: { columns: { title: 3, body: 1 } }`, for `search` and `whereSearch`. */
  readonly fullText?: FullTextOptions<SearchedName<C>>
}

/** Columns of text that clients may know of. */
type SearchedName<C extends Columns> = {
  [K in keyof C & string]: 'hidden' extends C[K]['~flags'] ? never : Exclude<C[K]['~value'], null> extends string ? K : never
}[keyof C & string]

/** The members of every record besides its columns. */
export interface RecordMembers<C extends Columns> {
  /** Inserts a new record; updates one that is not new where something changed. @throws 409 `VERSION_CONFLICT`, 404 `MODEL_NOT_FOUND` */
  save(options?: SaveOptions): Promise<this>
  /** Assigns and saves. */
  update(values: UpdateInput<C>, options?: SaveOptions): Promise<this>
  fill(values: UpdateInput<C>): this
  /** Deletes – softly where the model has `softDeletes()`. */
  delete(options?: SaveOptions): Promise<this>
  forceDelete(options?: SaveOptions): Promise<this>
  restore(options?: SaveOptions): Promise<this>
  /** Reads the record again. */
  refresh(): Promise<this>
  /** Changes a number by an amount in the database, so that simultaneous changes all count, and reads the record again. */
  increment<K extends keyof C & string>(column: K, by?: Exclude<C[K]['~value'], null>): Promise<this>
  decrement<K extends keyof C & string>(column: K, by?: Exclude<C[K]['~value'], null>): Promise<this>
  readonly isSaved: boolean
  isDirty(...columns: (keyof C & string)[]): boolean
  changes(): UpdateInput<C>
  original<K extends keyof C & string>(column: K): C[K]['~value'] | undefined
  /** All columns as a plain object, hidden ones included. */
  toObject(): Attributes<C>
}

export interface ModelClass<C extends Columns, S> extends ModelStatics<C> {
  new (input?: Partial<CreateInput<C>>): Attributes<C> & RecordMembers<C>
  readonly '~scopes'?: S
  readonly '~key'?: KeyOf<C>
}

/**
 * A table as a class to extend. The columns are typed members of its records; getters and methods of the class are theirs
 * too. The class declares no fields of its own.
 *
 * @example
 * export class Car extends Model('cars', { id: uuid().primary(), make: string(), price: integer(), dealerId: uuid(), ...timestamps() }) {
 *   static relations = { dealer: belongsTo(() => Dealer), photos: hasMany(() => Photo) }
 *   get label() { return `${this.make} · ${this.price}` }
 * }
 */
export function Model<C extends Columns, S extends ScopeArguments = {}>(
  table: string,
  columns: C,
  options: ModelOptions<C, S> = {},
): ModelClass<C, S> & StaticScopes<S> {
  addKnownTable(table, columns)
  const scopes = (options.scopes ?? {}) as Readonly<Record<string, (query: ModelQuery, ...args: unknown[]) => unknown>>
  class ScopedQuery extends ModelQuery {}
  class Base extends ActiveRecord {
    static readonly table = table
    static readonly columns = columns
    static readonly options = options
    static readonly Query = ScopedQuery
  }
  for (const [name, scope] of Object.entries(scopes)) {
    if (name in ModelQuery.prototype || name in ActiveRecord) throw fail('MODEL_NAME_TAKEN', { model: table, name, by: 'a scope and a method of queries' })
    defineMethod(ScopedQuery.prototype, name, function (this: ModelQuery, ...args: unknown[]) {
      return this.together((query) => scope(query, ...args))
    })
    defineMethod(Base, name, function (this: typeof Base, ...args: unknown[]) {
      return this.query().together((query) => scope(query, ...args))
    })
  }
  Object.entries(columns).forEach(([name, { facts }], index) => {
    if (facts.hidden || deferred.has(facts.type)) defineDeferredColumn(Base.prototype, name, index)
  })
  return Base as unknown as ModelClass<C, S> & StaticScopes<S>
}

/** Types whose casts wait until a value is read; the casts of all dialects agree on them. */
const deferred: ReadonlySet<string> = new Set(['timestamp', 'json', 'binary', 'encrypted'])

function defineMethod(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, writable: true, value })
}
