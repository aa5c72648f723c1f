import { fail } from '../errors.ts'
import { parseSearch } from '../full-text/parse-search.ts'
import type { ModelColumn, ModelDefinition } from '../model/definition.ts'
import { Sql } from '../sql/sql.ts'
import { operators, type Condition, type Operator } from './condition.ts'
import { escapePattern } from './escape-pattern.ts'
import { createState, type QueryState } from './query-state.ts'
import type { Search } from './write-search.ts'

type Group = (query: never) => unknown

const noConditions: readonly Condition[] = []
/** Types whose values have no order that all databases share. */
export const notComparable: ReadonlySet<string> = new Set(['json', 'encrypted', 'binary'])
const textual: ReadonlySet<string> = new Set(['string', 'text', 'enumeration'])

/** Collects which records a query means. */
export class ConditionBuilder {
  readonly definition: ModelDefinition
  state: QueryState

  constructor(definition: ModelDefinition, state: QueryState = createState(definition)) {
    this.definition = definition
    this.state = state
  }

  where(first: string | Group | object, ...rest: readonly unknown[]): this {
    return this.#where(first, rest, false)
  }

  orWhere(first: string | Group | object, ...rest: readonly unknown[]): this {
    return this.#where(first, rest, true)
  }

  whereNot(first: string | Group | object, ...rest: readonly unknown[]): this {
    const inner = this.#inner()
    inner.where(first, ...rest)
    return this.addCondition({ kind: 'group', conditions: inner.state.conditions, not: true, or: false })
  }

  /** Adds the condition only where there is a value: `undefined` leaves it out. */
  whereIf(column: string, ...rest: readonly unknown[]): this {
    return rest.at(-1) === undefined ? this : this.where(column, ...rest)
  }

  whereIn(column: string, values: readonly unknown[], not = false): this {
    if (!Array.isArray(values)) throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column, found: typeof values, expected: 'an array' })
    return this.#in(this.#comparable(column), values, not, false)
  }

  whereNotIn(column: string, values: readonly unknown[]): this {
    return this.whereIn(column, values, true)
  }

  whereBetween(column: string, low: unknown, high: unknown, not = false): this {
    this.#refuseUndefined(column, low)
    this.#refuseUndefined(column, high)
    return this.addCondition({ kind: 'between', column: this.#comparable(column).index, low, high, not, or: false })
  }

  whereNotBetween(column: string, low: unknown, high: unknown): this {
    return this.whereBetween(column, low, high, true)
  }

  whereNull(column: string): this {
    return this.addCondition({ kind: 'null', column: this.definition.column(column).index, not: false, or: false })
  }

  whereNotNull(column: string): this {
    return this.addCondition({ kind: 'null', column: this.definition.column(column).index, not: true, or: false })
  }

  whereColumn(column: string, operator: Operator, other: string): this {
    return this.addCondition({
      kind: 'columns',
      column: this.#comparable(column).index,
      operator: this.checkedOperator(operator),
      other: this.#comparable(other).index,
      or: false,
    })
  }

  whereLike(column: string, pattern: string, not = false): this {
    this.#refuseUndefined(column, pattern)
    const found = this.definition.column(column)
    if (!textual.has(found.facts.type)) throw fail('COLUMN_NOT_COMPARABLE', { model: this.definition.name, column, type: found.facts.type })
    return this.addCondition({ kind: 'like', column: found.index, pattern, not, or: false })
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

  whereExists(query: ConditionBuilder, not = false): this {
    return this.addCondition({ kind: 'exists', query: query.prepared(), not, or: false })
  }

  whereNotExists(query: ConditionBuilder): this {
    return this.whereExists(query, true)
  }

  /** What the text says, as `parseSearch` reads it; nothing for a text without words. */
  whereSearch(text: string): this {
    const search = this.searchFor(text)
    return search === undefined ? this : this.addCondition({ kind: 'search', search, or: false })
  }

  whereSql(sql: Sql): this {
    if (!(sql instanceof Sql))
      throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column: 'whereSql', found: typeof sql, expected: 'a fragment made by sql`…`' })
    return this.addCondition({ kind: 'sql', sql, or: false })
  }

  /** Brackets what was said so far, so that what follows holds for all of it. */
  isolate(): this {
    const { conditions } = this.state
    if (conditions.some((condition) => condition.or)) this.state.conditions = [{ kind: 'group', conditions, not: false, or: false }]
    return this
  }

  /** What `say` adds stands together: an `or` in it is one among its own conditions, and widens nothing that was said besides. */
  together(say: (query: this) => unknown): this {
    const before = this.state.conditions
    this.state.conditions = []
    let said: readonly Condition[] = []
    try {
      say(this)
      said = this.state.conditions
    } finally {
      this.state.conditions = before
    }
    const [first] = said
    if (first !== undefined) {
      const grouped: readonly Condition[] = said.slice(1).some(({ or }) => or) ? [{ kind: 'group', conditions: said, not: false, or: first.or }] : said
      this.state.conditions = [...before, ...grouped]
    }
    return this
  }

  /** What was said so far holds whatever is said from now on, by `or` too. */
  confine(): this {
    this.state.within = [...this.state.within, ...this.isolate().state.conditions]
    this.state.conditions = []
    return this
  }

  whereKey(key: unknown): this {
    return this.where(this.definition.key.name, key)
  }

  /** The state as it runs: with what relations and global scopes add. */
  prepared(): QueryState {
    const { state } = this
    const scoped = this.#scopeConditions()
    if (scoped.length === 0 && state.within.length === 0) return state
    const { conditions } = state
    const grouped = conditions.length > 0 && (scoped.length > 0 || conditions.some(({ or }) => or))
    const own: readonly Condition[] = grouped ? [{ kind: 'group', conditions, not: false, or: false }] : conditions
    return { ...state, conditions: [...state.within, ...own, ...scoped], within: [] }
  }

  // inside

  #scopeConditions(): readonly Condition[] {
    const { globalScopes } = this.definition.model.options
    const left = this.state.withoutScopes
    if (globalScopes === undefined || left === 'all') return noConditions
    return Object.entries(globalScopes).flatMap(([name, scope]) => {
      if (left.has(name)) return []
      const inner = this.#inner()
      ;(scope as (query: ConditionBuilder) => unknown)(inner)
      return inner.state.conditions.length === 0 ? [] : [{ kind: 'group', conditions: inner.state.conditions, not: false, or: false } as const]
    })
  }

  #inner(): ConditionBuilder {
    return new (this.constructor as new (definition: ModelDefinition) => ConditionBuilder)(this.definition)
  }

  /** @throws `FULL_TEXT_MISSING`, `SEARCH_TOO_LONG` */
  protected searchFor(text: string): Search | undefined {
    this.#refuseUndefined('search', text)
    if (typeof text !== 'string') throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column: 'search', found: typeof text, expected: 'a text' })
    // A model that cannot be searched says so whatever the text.
    void this.definition.fullText
    const terms = parseSearch(text)
    return terms.length === 0 ? undefined : { terms }
  }

  protected addCondition(condition: Condition): this {
    const { conditions } = this.state
    this.state.conditions = conditions.length === 0 ? [condition] : [...conditions, condition]
    return this
  }

  #where(first: string | Group | object, rest: readonly unknown[], or: boolean): this {
    if (typeof first === 'string') {
      if (rest.length === 1) return this.#equal(first, rest[0], or)
      return this.#compare(first, this.checkedOperator(rest[0]), rest[1], or)
    }
    const inner = this.#inner()
    if (typeof first === 'function') (first as (query: ConditionBuilder) => unknown)(inner)
    else {
      const entries = Object.entries(first)
      if (entries.length === 0) throw fail('QUERY_WHERE_EMPTY', { model: this.definition.name })
      for (const [column, value] of entries) inner.#equal(column, value, false)
    }
    const { conditions } = inner.state
    if (conditions.length === 0) return this
    if (conditions.length === 1 && !or) {
      return this.addCondition({ ...(conditions[0] as Condition), or: false })
    }
    return this.addCondition({ kind: 'group', conditions, not: false, or })
  }

  #equal(column: string, value: unknown, or: boolean): this {
    return Array.isArray(value) ? this.#in(this.#comparable(column), value, false, or) : this.#compare(column, '=', value, or)
  }

  #compare(column: string, operator: Operator, value: unknown, or: boolean): this {
    this.#refuseUndefined(column, value)
    if (value !== null) return this.addCondition({ kind: 'compare', column: this.#comparable(column).index, operator, value, or })
    if (operator !== '=' && operator !== '!=')
      throw fail('QUERY_VALUE_INVALID', { model: this.definition.name, column, found: 'null', expected: `a value for ${operator}` })
    return this.addCondition({ kind: 'null', column: this.definition.column(column).index, not: operator === '!=', or })
  }

  #in(column: ModelColumn, values: readonly unknown[], not: boolean, or: boolean): this {
    for (const value of values) this.#refuseUndefined(column.name, value)
    if (!values.includes(null)) return this.addCondition({ kind: 'in', column: column.index, values, not, or })
    const conditions: Condition[] = [
      { kind: 'in', column: column.index, values: values.filter((value) => value !== null), not, or: false },
      { kind: 'null', column: column.index, not, or: !not },
    ]
    return this.addCondition({ kind: 'group', conditions, not: false, or })
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

  protected checkedOperator(operator: unknown): Operator {
    if (typeof operator === 'string' && operators.has(operator)) return operator as Operator
    throw fail('QUERY_VALUE_INVALID', {
      model: this.definition.name,
      column: 'operator',
      found: JSON.stringify(operator) ?? 'undefined',
      expected: [...operators].join(' '),
    })
  }
}
