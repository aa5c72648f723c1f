import type { Database } from '../connection/database.ts'
import { currentDatabase } from '../connection/databases.ts'
import { fail } from '../errors.ts'
import type { Constrain } from '../model/bound-relation.ts'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'
import { Sql } from '../sql/sql.ts'
import { operators, type Condition, type ConditionBody, type Operator } from './condition.ts'
import { escapePattern } from './escape-pattern.ts'
import { createState, type Lock, type QueryState } from './query-state.ts'

type Group = (query: never) => unknown

/** One relation to load with a query's records, and what to load with it in turn. */
export interface EagerNode {
  readonly constraints: Constrain[]
  readonly children: Map<string, EagerNode>
}

/** What `with` takes. */
export type EagerInput = string | Readonly<Record<string, Constrain | true>>

const notComparable: ReadonlySet<string> = new Set(['json', 'encrypted', 'binary'])
const textual: ReadonlySet<string> = new Set(['string', 'text', 'enumeration'])

/**
 * Collects what a query says. Its methods change it and return it; `clone` makes another one. The typed face is `Query`.
 */
export class QueryBuilder {
  readonly definition: ModelDefinition
  state: QueryState
  readonly eager = new Map<string, EagerNode>()
  strictly: boolean | undefined
  /** What JSON shows of the records, where a client has chosen; all that was read otherwise. */
  shown: ReadonlySet<string> | undefined
  #database: Database | undefined

  constructor(definition: ModelDefinition, state: QueryState = createState(definition)) {
    this.definition = definition
    this.state = state
  }

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
    const copy = new (this.constructor as new (definition: ModelDefinition, state: QueryState) => this)(this.definition, {
      ...state,
      conditions: [...state.conditions],
      orders: [...state.orders],
      numbers: [...state.numbers],
    })
    for (const [name, node] of this.eager) copy.eager.set(name, copyNode(node))
    copy.strictly = this.strictly
    copy.shown = this.shown
    if (this.#database !== undefined) copy.using(this.#database)
    return copy
  }

  // conditions

  where(first: string | Group | object, ...rest: readonly unknown[]): this {
    return this.#where(first, rest, false)
  }

  orWhere(first: string | Group | object, ...rest: readonly unknown[]): this {
    return this.#where(first, rest, true)
  }

  whereNot(first: string | Group | object, ...rest: readonly unknown[]): this {
    const inner = this.#inner()
    inner.where(first, ...rest)
    return this.#add({ kind: 'group', conditions: inner.state.conditions, not: true })
  }

  /** Adds the condition only where there is a value: `undefined` leaves it out. */
  whereIf(column: string, ...rest: readonly unknown[]): this {
    return rest.at(-1) === undefined ? this : this.where(column, ...rest)
  }

  whereIn(column: string, values: readonly unknown[] | QueryBuilder, not = false): this {
    if (!Array.isArray(values)) throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column, found: typeof values, expected: 'an array' })
    return this.#in(this.#comparable(column), values, not, false)
  }

  whereNotIn(column: string, values: readonly unknown[]): this {
    return this.whereIn(column, values, true)
  }

  whereBetween(column: string, low: unknown, high: unknown, not = false): this {
    this.#refuseUndefined(column, low)
    this.#refuseUndefined(column, high)
    return this.#add({ kind: 'between', column: this.#comparable(column).index, low, high, not })
  }

  whereNotBetween(column: string, low: unknown, high: unknown): this {
    return this.whereBetween(column, low, high, true)
  }

  whereNull(column: string): this {
    return this.#add({ kind: 'null', column: this.definition.column(column).index, not: false })
  }

  whereNotNull(column: string): this {
    return this.#add({ kind: 'null', column: this.definition.column(column).index, not: true })
  }

  whereColumn(column: string, operator: Operator, other: string): this {
    return this.#add({ kind: 'columns', column: this.#comparable(column).index, operator: this.#operator(operator), other: this.#comparable(other).index })
  }

  whereLike(column: string, pattern: string, not = false): this {
    this.#refuseUndefined(column, pattern)
    const found = this.definition.column(column)
    if (!textual.has(found.facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: this.definition.name, column, type: found.facts.type })
    return this.#add({ kind: 'like', column: found.index, pattern, not })
  }

  whereNotLike(column: string, pattern: string): this {
    return this.whereLike(column, pattern, true)
  }

  whereContains(column: string, text: string): this {
    return this.whereLike(column, `%${this.#escaped(column, text)}%`)
  }

  whereStartsWith(column: string, text: string): this {
    return this.whereLike(column, `${this.#escaped(column, text)}%`)
  }

  whereEndsWith(column: string, text: string): this {
    return this.whereLike(column, `%${this.#escaped(column, text)}`)
  }

  whereExists(query: QueryBuilder, not = false): this {
    return this.#add({ kind: 'exists', query: query.prepared(), not })
  }

  whereNotExists(query: QueryBuilder): this {
    return this.whereExists(query, true)
  }

  whereSql(sql: Sql): this {
    if (!(sql instanceof Sql))
      throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column: 'whereSql', found: typeof sql, expected: 'a fragment made by sql`…`' })
    return this.#add({ kind: 'sql', sql })
  }

  /** Brackets what was said so far, so that what follows holds for all of it. */
  isolate(): this {
    const { conditions } = this.state
    if (conditions.some((condition) => condition.or)) this.state.conditions = [{ kind: 'group', conditions, not: false, or: false }]
    return this
  }

  whereKey(key: unknown): this {
    return this.where(this.definition.key.name, key)
  }

  whereHas(path: string, constrain?: Constrain, operator?: Operator, count?: number): this {
    return this.#related(
      path,
      constrain,
      false,
      operator === undefined || count === undefined ? undefined : { operator: this.#operator(operator), value: count },
    )
  }

  whereDoesntHave(path: string, constrain?: Constrain): this {
    return this.#related(path, constrain, true, undefined)
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
    if (direction !== 'asc' && direction !== 'desc')
      throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column, found: JSON.stringify(direction), expected: "'asc' or 'desc'" })
    this.state.orders.push({ column: this.definition.column(column).index, descending: direction === 'desc' })
    return this
  }

  latest(column?: string): this {
    return this.orderBy(column ?? this.definition.createdAt?.name ?? this.definition.key.name, 'desc')
  }

  oldest(column?: string): this {
    return this.orderBy(column ?? this.definition.createdAt?.name ?? this.definition.key.name)
  }

  unordered(): this {
    this.state.orders = []
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

  strict(strict = true): this {
    this.strictly = strict
    return this
  }

  // relations

  with(...inputs: readonly EagerInput[]): this {
    for (const input of inputs) {
      if (typeof input === 'string') this.#eagerly(input, undefined)
      else for (const [path, constrain] of Object.entries(input)) this.#eagerly(path, constrain === true ? undefined : constrain)
    }
    return this
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

  /** The state as it runs: with what global scopes add. */
  prepared(): QueryState {
    const { globalScopes } = this.definition.model.options
    const { state } = this
    if (globalScopes === undefined || state.withoutScopes === 'all') return state
    const left = state.withoutScopes
    const added = Object.entries(globalScopes).flatMap(([name, scope]) => {
      if (left.has(name)) return []
      const inner = this.#inner()
      ;(scope as (query: QueryBuilder) => unknown)(inner)
      return inner.state.conditions.length === 0 ? [] : [{ kind: 'group', conditions: inner.state.conditions, not: false, or: false } as const]
    })
    if (added.length === 0) return state
    const own: Condition[] = state.conditions.length === 0 ? [] : [{ kind: 'group', conditions: state.conditions, not: false, or: false }]
    return { ...state, conditions: [...own, ...added] }
  }

  // inside

  #inner(): QueryBuilder {
    return new (this.constructor as new (definition: ModelDefinition) => QueryBuilder)(this.definition)
  }

  #add(body: ConditionBody, or = false): this {
    this.state.conditions.push({ ...body, or })
    return this
  }

  #where(first: string | Group | object, rest: readonly unknown[], or: boolean): this {
    if (typeof first === 'string') {
      if (rest.length === 1) return this.#equal(first, rest[0], or)
      return this.#compare(first, this.#operator(rest[0]), rest[1], or)
    }
    const inner = this.#inner()
    if (typeof first === 'function') (first as (query: QueryBuilder) => unknown)(inner)
    else {
      const entries = Object.entries(first)
      if (entries.length === 0) throw fail('QUERY_WHERE_EMPTY', { model: this.definition.name })
      for (const [column, value] of entries) inner.#equal(column, value, false)
    }
    const { conditions } = inner.state
    if (conditions.length === 0) return this
    if (conditions.length === 1 && !or) {
      this.state.conditions.push({ ...(conditions[0] as Condition), or: false })
      return this
    }
    return this.#add({ kind: 'group', conditions, not: false }, or)
  }

  #equal(column: string, value: unknown, or: boolean): this {
    return Array.isArray(value) ? this.#in(this.#comparable(column), value, false, or) : this.#compare(column, '=', value, or)
  }

  #compare(column: string, operator: Operator, value: unknown, or: boolean): this {
    this.#refuseUndefined(column, value)
    if (value !== null) return this.#add({ kind: 'compare', column: this.#comparable(column).index, operator, value }, or)
    if (operator !== '=' && operator !== '!=')
      throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column, found: 'null', expected: `a value for ${operator}` })
    return this.#add({ kind: 'null', column: this.definition.column(column).index, not: operator === '!=' }, or)
  }

  #in(column: ModelColumn, values: readonly unknown[], not: boolean, or: boolean): this {
    for (const value of values) this.#refuseUndefined(column.name, value)
    if (!values.includes(null)) return this.#add({ kind: 'in', column: column.index, values, not }, or)
    const conditions: Condition[] = [
      { kind: 'in', column: column.index, values: values.filter((value) => value !== null), not, or: false },
      { kind: 'null', column: column.index, not, or: !not },
    ]
    return this.#add({ kind: 'group', conditions, not: false }, or)
  }

  #related(path: string, constrain: Constrain | undefined, not: boolean, count: { readonly operator: Operator; readonly value: number } | undefined): this {
    const [name, ...rest] = path.split('.') as [string, ...string[]]
    const relation = this.definition.relation(name)
    const existence = relation.existence()
    const query = existence.target.query()
    if (rest.length > 0) query.whereHas(rest.join('.'), constrain, count?.operator, count?.value)
    else constrain?.(query)
    return this.#add({ kind: 'related', existence, query: query.prepared(), name, not, count: rest.length > 0 ? undefined : count })
  }

  #number(relation: string, column: string | undefined, constrain: Constrain | undefined): this {
    const existence = this.definition.relation(relation).existence()
    const query = existence.target.query()
    constrain?.(query)
    const name = column === undefined ? `${relation}Count` : `${relation}${column.charAt(0).toUpperCase()}${column.slice(1)}Sum`
    this.state.numbers.push({
      name,
      relation,
      existence,
      query: query.prepared(),
      sum: column === undefined ? undefined : existence.target.column(column).index,
    })
    return this
  }

  #eagerly(path: string, constrain: Constrain | undefined): void {
    const parts = path.split('.')
    let level = this.eager
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

  #comparable(name: string): ModelColumn {
    const column = this.definition.column(name)
    if (notComparable.has(column.facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: this.definition.name, column: name, type: column.facts.type })
    return column
  }

  #escaped(column: string, text: string): string {
    this.#refuseUndefined(column, text)
    return escapePattern(String(text))
  }

  #refuseUndefined(column: string, value: unknown): void {
    if (value === undefined) throw fail('QUERY_VALUE_UNDEFINED', { model: this.definition.name, column })
  }

  #operator(operator: unknown): Operator {
    if (typeof operator === 'string' && operators.has(operator)) return operator as Operator
    throw fail('QUERY_VALUE_INVALID', {
      model: this.definition.name,
      column: 'operator',
      found: JSON.stringify(operator) ?? 'undefined',
      expected: [...operators].join(' '),
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
