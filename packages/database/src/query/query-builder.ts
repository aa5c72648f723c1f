import type { Database } from '../connection/database.ts'
import { currentDatabase } from '../connection/databases.ts'
import { fail } from '../errors.ts'
import type { Constrain } from '../model/bound-relation.ts'
import type { ModelDefinition } from '../model/definition.ts'
import { checkCacheOptions, type QueryCacheOptions } from '../query-cache/cache-options.ts'
import { ConditionBuilder } from './condition-builder.ts'
import type { Operator } from './condition.ts'
import { relatedColumn } from './related-column.ts'
import type { Lock, Order, QueryState } from './query-state.ts'
import { hasWanted } from './write-search.ts'

/** One relation to load with a query's records, and what to load with it in turn. */
export interface EagerNode {
  readonly constraints: Constrain[]
  readonly children: Map<string, EagerNode>
}

interface RelatedCondition {
  readonly not?: boolean
  readonly or?: boolean
  readonly count?: { readonly operator: Operator; readonly value: number } | undefined
}

/** What `with` takes. */
export type EagerInput = string | Readonly<Record<string, Constrain | true>>

const noRelations: ReadonlyMap<string, EagerNode> = new Map()

/**
 * Collects what a query says. Its methods change it and return it; `clone` makes another one. The typed face is `Query`.
 */
export class QueryBuilder extends ConditionBuilder {
  strictly: boolean | undefined
  /** How results are kept in the application's cache. */
  caching: QueryCacheOptions | undefined
  /** What JSON shows of the records, where a client has chosen; all that was read otherwise. */
  shown: ReadonlySet<string> | undefined
  #database: Database | undefined
  #eager: Map<string, EagerNode> | undefined

  get database(): Database {
    return this.#database ?? currentDatabase(this.definition.model.options.connection)
  }

  /** Runs on this database instead of the model's own. */
  using(database: Database): this {
    this.#database = database
    return this
  }

  clone(): this {
    const { state } = this
    const copy = new (this.constructor as new (definition: ModelDefinition, state: QueryState) => this)(this.definition, { ...state })
    copy.loadWith(this.eager)
    copy.strictly = this.strictly
    copy.caching = this.caching
    copy.shown = this.shown
    if (this.#database !== undefined) copy.using(this.#database)
    return copy
  }

  /** The relations to load with the records. */
  get eager(): ReadonlyMap<string, EagerNode> {
    return this.#eager ?? noRelations
  }

  // what is read, and how

  select(...columns: readonly string[]): this {
    const indexes = new Set(columns.map((name) => this.definition.column(name).index))
    // Without its key a record could be neither saved nor have its relations loaded; without its version, overwrite others' changes.
    if (this.definition.hasKey) indexes.add(this.definition.key.index)
    if (this.definition.version !== undefined) indexes.add(this.definition.version.index)
    this.state.columns = [...indexes].sort((a, b) => a - b)
    return this
  }

  /** Makes sure that a column is read, where not all are. */
  selectAlso(index: number): void {
    const { columns } = this.state
    if (columns !== undefined && !columns.includes(index)) this.state.columns = [...columns, index].sort((a, b) => a - b)
  }

  distinct(): this {
    this.state.distinct = true
    return this
  }

  orderBy(column: string, direction: 'asc' | 'desc' = 'asc'): this {
    return this.#orderBy(this.definition.column(column).index, this.#descending(column, direction))
  }

  orderByRelated(path: string, column: string, direction: 'asc' | 'desc' = 'asc'): this {
    return this.#orderBy(relatedColumn(this.definition, path.split('.'), column), this.#descending(column, direction))
  }

  #orderBy(column: Order['column'], descending: boolean): this {
    this.state.orders = [...this.state.orders, { column, descending }]
    this.state.relevance = undefined
    return this
  }

  /** `whereSearch`, and the most relevant first unless an order is asked for. */
  search(text: string): this {
    const search = this.searchFor(text)
    if (search === undefined) return this
    if (this.state.orders.length === 0 && hasWanted(search)) this.state.relevance = search
    return this.addCondition({ kind: 'search', search, or: false })
  }

  latest(column?: string): this {
    return this.orderBy(column ?? this.definition.createdAt?.name ?? this.definition.key.name, 'desc')
  }

  oldest(column?: string): this {
    return this.orderBy(column ?? this.definition.createdAt?.name ?? this.definition.key.name)
  }

  unordered(): this {
    this.state.orders = []
    this.state.relevance = undefined
    return this
  }

  limit(count: number): this {
    this.state.limit = this.#count('limit', count)
    return this
  }

  offset(count: number): this {
    this.state.offset = this.#count('offset', count)
    return this
  }

  forUpdate(options: { readonly skipLocked?: boolean; readonly noWait?: boolean } = {}): this {
    return this.#lock('update', options)
  }

  forShare(options: { readonly skipLocked?: boolean; readonly noWait?: boolean } = {}): this {
    return this.#lock('share', options)
  }

  withDeleted(): this {
    this.state.deleted = 'with'
    return this
  }

  onlyDeleted(): this {
    this.state.deleted = 'only'
    return this
  }

  withoutScope(...names: readonly string[]): this {
    const known = Object.keys(this.definition.model.options.globalScopes ?? {})
    for (const name of names) if (!known.includes(name)) throw fail('SCOPE_UNKNOWN', { model: this.definition.name, scope: name, known })
    const { withoutScopes } = this.state
    if (withoutScopes !== 'all') this.state.withoutScopes = new Set([...withoutScopes, ...names])
    return this
  }

  withoutScopes(): this {
    this.state.withoutScopes = 'all'
    return this
  }

  /** Says that every record is meant, for updates and deletes. */
  all(): this {
    this.state.everything = true
    return this
  }

  cache(options: QueryCacheOptions): this {
    this.caching = checkCacheOptions(this.definition.name, options)
    return this
  }

  strict(strict = true): this {
    this.strictly = strict
    return this
  }

  // relations

  whereHas(path: string, constrain?: Constrain, operator?: Operator, count?: number): this {
    const counted = operator === undefined || count === undefined ? undefined : { operator: this.checkedOperator(operator), value: count }
    return this.#related(path, constrain, { count: counted })
  }

  whereDoesntHave(path: string, constrain?: Constrain): this {
    return this.#related(path, constrain, { not: true })
  }

  orWhereHas(path: string, constrain?: Constrain): this {
    return this.#related(path, constrain, { or: true })
  }

  orWhereDoesntHave(path: string, constrain?: Constrain): this {
    return this.#related(path, constrain, { not: true, or: true })
  }

  with(...inputs: readonly EagerInput[]): this {
    for (const input of inputs) {
      if (typeof input === 'string') this.#eagerly(input, undefined)
      else for (const [path, constrain] of Object.entries(input)) this.#eagerly(path, constrain === true ? undefined : constrain)
    }
    return this
  }

  /** Loads these relations too, as another query said them. */
  loadWith(tree: ReadonlyMap<string, EagerNode>): void {
    if (tree.size === 0) return
    this.#eager ??= new Map()
    for (const [name, node] of tree) this.#eager.set(name, copyNode(node))
  }

  loadNothing(): void {
    this.#eager = undefined
  }

  withCount(...inputs: readonly EagerInput[]): this {
    for (const input of inputs) {
      if (typeof input === 'string') this.#number(input, undefined, undefined)
      else for (const [name, constrain] of Object.entries(input)) this.#number(name, undefined, constrain === true ? undefined : constrain)
    }
    return this
  }

  withSum(relation: string, column: string, constrain?: Constrain): this {
    return this.#number(relation, column, constrain)
  }

  // inside

  #descending(column: string, direction: unknown): boolean {
    if (direction === 'asc' || direction === 'desc') return direction === 'desc'
    throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column, found: JSON.stringify(direction), expected: "'asc' or 'desc'" })
  }

  #related(path: string, constrain: Constrain | undefined, { not = false, or = false, count }: RelatedCondition): this {
    const [name, ...rest] = path.split('.') as [string, ...string[]]
    const relation = this.definition.relation(name)
    const existence = relation.existence()
    const query = existence.target.query()
    if (rest.length > 0) query.whereHas(rest.join('.'), constrain, count?.operator, count?.value)
    else constrain?.(query)
    return this.addCondition({ kind: 'related', existence, query: query.prepared(), name, not, count: rest.length > 0 ? undefined : count, or })
  }

  #number(relation: string, column: string | undefined, constrain: Constrain | undefined): this {
    const existence = this.definition.relation(relation).existence()
    const query = existence.target.query()
    constrain?.(query)
    const name = column === undefined ? `${relation}Count` : `${relation}${column.charAt(0).toUpperCase()}${column.slice(1)}Sum`
    const sum = column === undefined ? undefined : existence.target.column(column).index
    this.state.numbers = [...this.state.numbers, { name, relation, existence, query: query.prepared(), sum }]
    return this
  }

  #eagerly(path: string, constrain: Constrain | undefined): void {
    const parts = path.split('.')
    let level = (this.#eager ??= new Map())
    let definition: ModelDefinition | undefined = this.definition
    parts.forEach((name, depth) => {
      const relation = definition?.relation(name)
      let node = level.get(name)
      if (node === undefined) level.set(name, (node = { constraints: [], children: new Map() }))
      if (depth === parts.length - 1 && constrain !== undefined) node.constraints.push(constrain)
      level = node.children
      definition = relation?.target
    })
  }

  #count(what: string, count: number): number {
    if (Number.isSafeInteger(count) && count >= 0) return count
    throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column: what, found: String(count), expected: 'a whole number from 0' })
  }

  #lock(strength: Lock['strength'], options: { readonly skipLocked?: boolean; readonly noWait?: boolean }): this {
    this.state.lock = { strength, wait: options.skipLocked === true ? 'skip' : options.noWait === true ? 'nowait' : 'wait' }
    return this
  }
}

function copyNode(node: EagerNode): EagerNode {
  return { constraints: [...node.constraints], children: new Map([...node.children].map(([name, child]) => [name, copyNode(child)])) }
}
